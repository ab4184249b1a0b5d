# SPDX-License-Identifier: Apache-2.0
# count.py RTL: a module that counts the words at each port for streamed weights while tb_axgen_top runs: twice its images, with a reset in
# between. Each port takes beats_per_image words an image, and up to two more beforehand, twice.
import json, sys
manifest = json.load(open(sys.argv[1] + '/manifest.json'))
print('module count;')
print('    wire clk = tb_axgen_top.clk;')
print('    integer images;')
for w in manifest['weight_streams']:
    print('    integer n_%s = 0;' % w['layer'])
    print('    always @(posedge clk) if (!tb_axgen_top.check.rst && !tb_axgen_top.done && tb_axgen_top.check.dut.%s_tvalid && tb_axgen_top.check.dut.%s_tready)'
          ' n_%s = n_%s + 1;' % (w['port'], w['port'], w['layer'], w['layer']))
print('    always @(posedge tb_axgen_top.done) begin')
print('        images = tb_axgen_top.check.IMAGES;')
print('        #100;')
for w in manifest['weight_streams']:
    print('        if (n_%s < 2 * images * %d || n_%s > 2 * (images * %d + 2)) $display("wrong: %s: %%0d words", n_%s);'
          % (w['layer'], w['beats_per_image'], w['layer'], w['beats_per_image'], w['layer'], w['layer']))
    print('        $display("counted %%0d words of %s", n_%s);' % (w['layer'], w['layer']))
print('        $finish;')
print('    end')
print('endmodule')
