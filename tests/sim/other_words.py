# SPDX-License-Identifier: Apache-2.0
# other_words.py DIR: another network of the same shape: each tensor of DIR/weights.safetensors begins with what was its second
# value and ends with its first; DIR/net.yaml gets the new checksum.
import hashlib, json, re, struct, sys
where = sys.argv[1]
data = bytearray(open(where + '/weights.safetensors', 'rb').read())
start = 8 + struct.unpack('<Q', data[:8])[0]
for tensor in json.loads(data[8:start]).values():
    first, end = (start + at for at in tensor['data_offsets'])
    size = {'I8': 1, 'U8': 1, 'U16': 2, 'I16': 2, 'I32': 4, 'I64': 8}[tensor['dtype']]
    data[first:end] = data[first + size:end] + data[first:first + size]
open(where + '/weights.safetensors', 'wb').write(data)
text = open(where + '/net.yaml').read()
text = re.sub('sha256: [0-9a-f]{64}', 'sha256: ' + hashlib.sha256(data).hexdigest(), text)
open(where + '/net.yaml', 'w').write(text)
