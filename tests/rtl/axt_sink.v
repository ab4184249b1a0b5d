// SPDX-License-Identifier: Apache-2.0
//
// axt_sink: stream sink of the core tests. Expects the COUNT words of FILE ($readmemh) in order and nothing more, data
// standing still under stall; STALLS as in axt_source. With PERIOD > 0 it also expects that from the third image of
// IMAGE_BEATS beats on the last beats of images follow each other after exactly PERIOD cycles. `done` rises with the last
// word; `fail` says that something was wrong, and the first such thing is printed.
`default_nettype none

module axt_sink #(
    parameter WIDTH       = 8,
    parameter COUNT       = 1,
    parameter FILE        = "",
    parameter STALLS      = 0,
    parameter NAME        = "?",
    parameter IMAGE_BEATS = 1,
    parameter PERIOD      = 0
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             valid,
    output reg              ready,
    input  wire [WIDTH-1:0] data,
    output reg              done,
    output reg              fail
);

    reg [WIDTH-1:0] mem [0:COUNT-1];
    reg [WIDTH-1:0] held_data;
    reg             held;
    reg [31:0]      r;
    integer at, gap, cycle, image, image_beat, image_cycle;

    initial begin
        $readmemh(FILE, mem);
        at          = 0;
        gap         = 0;
        cycle       = 0;
        image       = 0;
        image_beat  = 0;
        image_cycle = 0;
        r           = 32'h7f4a7c15 ^ STALLS;
        ready       = 1'b0;
        done        = 1'b0;
        fail        = 1'b0;
        held        = 1'b0;
        held_data   = {WIDTH{1'b0}};
    end

    always @(posedge clk)
        if (!rst) begin
            cycle = cycle + 1;
            if (held && (valid !== 1'b1 || data !== held_data) && !fail) begin
                $display("why %0s: not held under stall, beat %0d", NAME, at);
                fail <= 1'b1;
            end
            if (valid !== 1'b0 && valid !== 1'b1 && !fail) begin
                $display("why %0s: valid unknown, beat %0d", NAME, at);
                fail <= 1'b1;
            end
            held      = valid && !ready;
            held_data = data;
            if (valid && ready) begin
                if (at >= COUNT) begin
                    if (!fail)
                        $display("why %0s: more than %0d beats", NAME, COUNT);
                    fail <= 1'b1;
                end else begin
                    if (data !== mem[at] && !fail) begin
                        $display("why %0s: beat %0d is %h, expected %h", NAME, at, data, mem[at]);
                        fail <= 1'b1;
                    end
                    at = at + 1;
                    done <= (at == COUNT);
                end
                image_beat = image_beat + 1;
                if (PERIOD != 0 && image_beat == IMAGE_BEATS) begin
                    if (image >= 2 && cycle - image_cycle != PERIOD && !fail) begin
                        $display("why %0s: image %0d took %0d cycles, expected %0d", NAME, image, cycle - image_cycle, PERIOD);
                        fail <= 1'b1;
                    end
                    image_cycle = cycle;
                    image_beat  = 0;
                    image       = image + 1;
                end
            end
            if (STALLS != 0 && gap == 0) begin
                r = r ^ (r << 13);
                r = r ^ (r >> 17);
                r = r ^ (r << 5);
                gap = (r[13:8] == 6'd0) ? {26'd0, r[21:16]} : {31'd0, r[24]};
            end else if (gap != 0) begin
                gap = gap - 1;
            end
            ready <= (gap == 0);
        end

endmodule

`default_nettype wire
