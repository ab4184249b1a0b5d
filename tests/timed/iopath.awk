# SPDX-License-Identifier: Apache-2.0
# instance/from/to, slowest rise, slowest fall in ps of each IOPATH; conditions merged
BEGIN { unit = 1 }
/TIMESCALE 1ns/ { unit = 1000 }
match($0, /\(INSTANCE [^)]*\)/) { instance = substr($0, RSTART + 10, RLENGTH - 11) }
match($0, /IOPATH .*/) {
  line = substr($0, RSTART)
  gsub(/[()]/, " ", line)
  n = split(line, f, / +/)
  for (i = 0; i < 2; i++) {
    m = split(f[4 + i], v, ":")
    key = instance "/" f[2] "/" f[3]
    if (!(key in rise)) order[++keys] = key
    x = v[m] * unit
    if (i == 0 && x > rise[key]) rise[key] = x
    if (i == 1 && x > fall[key]) fall[key] = x
  }
}
END { for (k = 1; k <= keys; k++) printf "%s %.1f %.1f\n", order[k], rise[order[k]], fall[order[k]] }
