// SPDX-License-Identifier: Apache-2.0
//
// axgen_feed: a host or DMA engine that sends the words of a file over and over: what a port for streamed weights needs. Simulation
//             only.
//
// Function    FILE has WORDS words of BYTES bytes, the low byte first. From reset on they come in their order, word 0 after the last
//             one. stalls: 0: one a cycle; else a seed of random gaps, half of the cycles, now and then long ones, as in
//             tb_dataflow. `wrong`: FILE cannot be read, or has not so many words; what is wrong is printed, and no word comes.
// Latency     none. Throughput one word per cycle. Handshake AXI4-Stream.
// Legal       BYTES, WORDS >= 1; FILE not empty.
`default_nettype none

module axgen_feed #(
    parameter BYTES = 1,
    parameter WORDS = 1,
    parameter FILE  = ""
) (
    input  wire               clk,
    input  wire               rst,
    input  wire [31:0]        stalls,
    output reg                valid,
    input  wire               ready,
    output wire [8*BYTES-1:0] data,
    output reg                wrong
);

    generate
        if (BYTES < 1 || WORDS < 1 || FILE == "") begin : g_illegal
            ILLEGAL_PARAMETER_axgen_feed illegal ();
        end
    endgenerate

    reg [8*BYTES-1:0] word [0:WORDS-1];                    // as $fread fills it: the first byte on top
    reg [8*BYTES-1:0] now;
    reg [31:0]        random;
    integer           file, got, at, pause;

    genvar i;
    generate
        for (i = 0; i < BYTES; i = i + 1) begin : g_byte
            assign data[8*i +: 8] = now[8*(BYTES-1-i) +: 8];
        end
    endgenerate

    initial begin
        valid  = 1'b0;
        wrong  = 1'b0;
        now    = {8*BYTES{1'b0}};
        random = 32'h3c6ef372;
        at     = 0;
        pause  = 0;
        got    = -1;
        file   = $fopen(FILE, "rb");
        if (file != 0) begin
            got = $fread(word, file);
            if (got == WORDS * BYTES && $fgetc(file) != -1)
                got = got + 1;
            $fclose(file);
        end
        if (got != WORDS * BYTES) begin
            wrong = 1'b1;
            if (got < 0)
                $display("%0s cannot be read", FILE);
            else
                $display("%0s has %0s %0d bytes, %0d words of %0d are needed", FILE, (got > WORDS * BYTES) ? "more than" : "only",
                         (got > WORDS * BYTES) ? WORDS * BYTES : got, WORDS, BYTES);
        end
    end

    always @(posedge clk)
        if (rst) begin
            valid <= 1'b0;
            at    = 0;
            pause = 0;
        end else if (!valid || ready) begin
            if (valid && stalls != 0) begin
                random = random ^ stalls;
                random = random ^ (random << 13);
                random = random ^ (random >> 17);
                random = random ^ (random << 5);
                pause  = (random[13:8] == 6'd0) ? {26'd0, random[21:16]} : {31'd0, random[24]};
            end
            valid <= (pause == 0 && !wrong);
            if (pause != 0) begin
                pause = pause - 1;
            end else begin
                now <= word[at];
                at  = (at == WORDS - 1) ? 0 : at + 1;
            end
        end

endmodule

`default_nettype wire
