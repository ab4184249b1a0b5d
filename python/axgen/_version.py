# SPDX-License-Identifier: Apache-2.0
__version__ = "0.1.0"  # of the library that this package was made for
