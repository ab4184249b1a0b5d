// SPDX-License-Identifier: Apache-2.0
//
// axt_pass: the layer behind an axgen_weight_port: takes words (STALLS as in axt_source) that carry their numbers 0, 1, 2 ..., and is
// reset now and then (run_rst), half of the time in the middle of a pass of WORDS words. Expects that the words come in order, that the
// first one after a reset is the first of a pass, and that no more are dropped than to the end of the pass. `done` after COUNT resets and words.
`default_nettype none

module axt_pass #(
    parameter WORDS  = 1,
    parameter COUNT  = 1,
    parameter STALLS = 0,
    parameter NAME   = "?"
) (
    input  wire        clk,
    input  wire        rst,
    output wire        run_rst,
    input  wire        valid,
    output reg         ready,
    input  wire [15:0] number,
    output reg         done,
    output reg         fail
);

    reg        off, held;
    reg [15:0] next, held_number;
    reg [31:0] r;
    integer    resets, taken, left, gap;

    assign run_rst = rst || off;

    initial begin
        off    = 1'b1;
        held   = 1'b0;
        next   = 16'd0;
        r      = 32'h7f4a7c15 ^ STALLS;
        resets = 0;
        taken  = 0;
        left   = 5;
        gap    = 0;
        ready  = 1'b0;
        done   = 1'b0;
        fail   = 1'b0;
        held_number = 16'd0;
    end

    task wrong(input [8*40-1:0] why);
        begin
            if (!fail)
                $display("why %0s: %0s: word %0d, expected %0d", NAME, why, number, next);
            fail <= 1'b1;
        end
    endtask

    always @(posedge clk)
        if (!rst) begin
            if (valid !== 1'b0 && off)
                wrong("a word while the layer is reset");
            if (held && !off && (valid !== 1'b1 || number !== held_number))
                wrong("not held under stall");
            held        = valid && !ready;
            held_number = number;
            if (valid && ready) begin
                if (number !== next)
                    wrong("another word");
                next  = number + 16'd1;
                taken = taken + 1;
            end
            r = r ^ (r << 13);
            r = r ^ (r >> 17);
            r = r ^ (r << 5);
            gap = (gap != 0) ? gap - 1 : (STALLS == 0) ? 0 : (r[13:8] == 6'd0) ? {26'd0, r[21:16]} : {31'd0, r[24]};
            ready <= (gap == 0);
            left = left - 1;
            if (left <= 0) begin
                if (!off) begin                    // the layer is reset: the rest of its pass is not for it
                    next   = (next + WORDS - 1) / WORDS * WORDS;
                    resets = resets + 1;
                    done   <= (resets >= COUNT && taken >= COUNT);
                end
                held = 1'b0;
                off  <= !off;
                left = off ? 1 + r[9:0] % (4 * WORDS + 6) : 1 + r[3:0];
            end
        end

endmodule

`default_nettype wire
