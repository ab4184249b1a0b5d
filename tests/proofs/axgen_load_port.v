// SPDX-License-Identifier: Apache-2.0
//
// axgen_load_port hands on every word once, with the mark of a load's end; lets no image in before a whole load is through the
// chain, no word while an image is inside; and loses, doubles or takes back no beat of an image.
module proof_axgen_load_port #(
    parameter BEATS       = 3,
    parameter LOADERS     = 2,
    parameter IMAGE_BEATS = 2
) (
    input wire        clk,
    input wire        rst,
    input wire        s_valid,
    input wire        s_last,
    input wire [31:0] s_data,
    input wire        in_valid,
    input wire        out_ready,
    input wire        result
);
    wire        s_ready, m_valid, in_ready, out_valid, run_rst;
    wire [32:0] m_data;
    wire        take  = s_valid && s_ready;
    wire        enter = in_valid && in_ready;
    reg         took = 1'b0, was_open = 1'b0;
    reg  [32:0] was;
    reg  [7:0]  beats;                                          // of this load
    reg  [7:0]  beat;                                           // of this image
    reg         complete;                                       // no word has come since a whole load
    reg  [LOADERS+1:0] since;                                   // bit k: a whole load's last word came k + 1 cycles ago
    reg  [16:0] inside;                                         // images
    wire        whole = beats == BEATS - 1;
    wire        ends  = take && (s_last || whole);

    proof_start start (.clk(clk), .rst(rst));
    axgen_load_port #(.BEATS(BEATS), .LOADERS(LOADERS), .IMAGE_BEATS(IMAGE_BEATS)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .s_last(s_last), .m_valid(m_valid), .m_ready(1'b1),
        .m_data(m_data), .in_valid(in_valid), .in_ready(in_ready), .out_valid(out_valid), .out_ready(out_ready), .result(result),
        .run_rst(run_rst)
    );
    proof_stream #(.ASSUMED(1)) came (.clk(clk), .rst(rst), .valid(in_valid), .ready(in_ready), .data(1'b0));
    proof_stream sent (.clk(clk), .rst(rst), .valid(out_valid), .ready(out_ready), .data(1'b0));
    always @*
        assume(!result || inside != 0);
    always @(posedge clk) begin
        took     <= take && !rst;
        was      <= {s_last || whole, s_data};
        was_open <= !run_rst;
        since    <= rst ? 0 : {since[LOADERS:0], take && whole};
        if (rst) begin
            beats    <= 0;
            beat     <= 0;
            complete <= 0;
            inside   <= 0;
        end else begin
            if (take) begin
                beats    <= ends ? 0 : beats + 1;
                complete <= whole;
            end
            if (enter)
                beat <= beat == IMAGE_BEATS - 1 ? 0 : beat + 1;
            inside <= inside + (enter && beat == 0) - result;
        end
    end

    (* hierconn *) wire        \dut.arriving ;
    (* hierconn *) wire        \dut.between ;
    (* hierconn *) wire        \dut.shown ;
    (* hierconn *) wire [15:0] \dut.images ;
    (* hierconn *) wire [$clog2(BEATS)-1:0]       \dut.u_beat.unused_value ;
    (* hierconn *) wire [$clog2(LOADERS+1)-1:0]   \dut.u_arrive.unused_value ;
    (* hierconn *) wire [$clog2(IMAGE_BEATS)-1:0] \dut.u_image.unused_value ;
    integer k;
    always @*
        if (!rst) begin
            assert(m_valid == took && (!took || m_data == was));
            assert(run_rst || complete);                        // closed until all words have come ...
            assert(run_rst || was_open || since[LOADERS+1]);    // ... and gone through the chain
            assert(!s_ready || (run_rst && inside == 0 && beat == 0));
            assert(!enter || !run_rst);
            assert(enter == (out_valid && out_ready) && (!out_valid || in_valid));
            // what the core holds is what was counted here
            assert(beats < BEATS && \dut.u_beat.unused_value == beats);
            assert(beat < IMAGE_BEATS && \dut.u_image.unused_value == beat && \dut.between == (beat == 0));
            assert(\dut.images == inside && inside < 65536);
            assert(s_ready + \dut.arriving + !run_rst == 1);
            assert(!\dut.arriving || (complete && since == 1 << \dut.u_arrive.unused_value ));
            assert(\dut.arriving || \dut.u_arrive.unused_value == 0);
            assert(\dut.u_arrive.unused_value <= LOADERS && (run_rst || beats == 0));
            assert(!\dut.arriving || (beats == 0 && inside == 0 && beat == 0));
            assert(!\dut.shown || (!run_rst && in_valid && (beat != 0 || inside < 65535)));
        end
endmodule
