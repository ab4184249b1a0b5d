// SPDX-License-Identifier: Apache-2.0
//
// axgen_check_stream: feeds images to a generated accelerator `axgen_top` and compares what comes out with what is expected.
//                     Simulation only; `axgen rtl` puts it into tb/ with a clock around it.
//
// Function    INPUT and EXPECTED are $readmemh files of IMAGES * BEATS_IN and IMAGES * BEATS_OUT words: s_axis_tdata and
//             m_axis_tdata of each beat. The images pass twice, at full speed and with random gaps on both streams. Compared
//             are all bits of m_axis_tdata and m_axis_tlast; what is shown must stand still until it is taken, and nothing may
//             come after the last beat. `done` rises at the end, `passed` with it when all was as expected; the first thing
//             that was not is printed.
//             LOAD_BEATS > 0, with AXGEN_LOAD defined: as many words of LOAD_WORDS ($readmemh) are loaded before the images, the
//             second time without a reset, otherwise there is one.
//             With AXGEN_STREAM defined `axgen_fed` stands in the place of `axgen_top`: the same with what feeds its ports for
//             streamed weights from files in FOLDER (axgen_feed), with random gaps the second time.
// Latency     does not matter. Throughput one beat per cycle.
// Handshake   AXI4-Stream.
// Legal       all numbers >= 1, LOAD_BEATS >= 0. TIMEOUT: cycles without an output beat before it gives up.
`default_nettype none

module axgen_check_stream #(
    parameter IN_W       = 8,
    parameter OUT_W      = 8,
    parameter IMAGES     = 1,
    parameter BEATS_IN   = 1,
    parameter BEATS_OUT  = 1,
    parameter TIMEOUT    = 1000000,
    parameter INPUT      = "",
    parameter EXPECTED   = "",
    parameter LOAD_BEATS = 0,
    parameter LOAD_WORDS = "",
    parameter FOLDER     = "."
) (
    input  wire clk,
    output reg  done,
    output reg  passed
);

    localparam INPUTS  = IMAGES * BEATS_IN;
    localparam OUTPUTS = IMAGES * BEATS_OUT;
    localparam QUIET   = 64;                       // cycles in which nothing may follow the last beat

    reg  [IN_W-1:0]  input_beat    [0:INPUTS-1];
    reg  [OUT_W-1:0] expected_beat [0:OUTPUTS-1];
    reg              rst, s_tvalid, s_tlast, m_tready, held, held_last, gaps;
    reg  [IN_W-1:0]  s_tdata;
    reg  [OUT_W-1:0] held_data;
    wire             s_tready, m_tvalid, m_tlast;
    wire [OUT_W-1:0] m_tdata;
    reg  [31:0]      random;
    integer          reset_left, sent, taken, waited;

    reg  [31:0]      load_word [0:(LOAD_BEATS > 0 ? LOAD_BEATS : 1)-1];
    reg              c_tvalid, c_tlast;
    reg  [31:0]      c_tdata;
    wire             c_tready;
    integer          loaded;

    wire             feed_wrong;
`ifdef AXGEN_STREAM
    axgen_fed #(.FOLDER(FOLDER)) dut (
        .stalls(gaps ? 32'd77 : 32'd0), .feed_wrong(feed_wrong),
`else
    assign feed_wrong = 1'b0;
    axgen_top dut (
`endif
        .clk(clk), .rst(rst),
`ifdef AXGEN_LOAD
        .s_cfg_axis_tdata(c_tdata), .s_cfg_axis_tvalid(c_tvalid), .s_cfg_axis_tready(c_tready), .s_cfg_axis_tlast(c_tlast),
`endif
        .s_axis_tdata(s_tdata), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast),
        .m_axis_tdata(m_tdata), .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast)
    );

`ifndef AXGEN_LOAD
    assign c_tready = 1'b0;
`endif

    task restart;
        begin
            reset_left = (LOAD_BEATS > 0) ? 0 : 4;
            loaded     = 0;
            sent       = 0;
            taken      = 0;
            waited     = 0;
            held       = 1'b0;
            rst        <= (LOAD_BEATS == 0);
            s_tvalid   <= 1'b0;
            m_tready   <= 1'b0;
        end
    endtask

    task fail;
        begin
            $display("image %0d, output beat %0d: %0h with tlast %b came, %0h with tlast %b was expected", taken / BEATS_OUT,
                     taken % BEATS_OUT, m_tdata, m_tlast, expected_beat[taken % OUTPUTS],
                     taken % BEATS_OUT == BEATS_OUT - 1);
            done = 1'b1;
        end
    endtask

    initial begin
        $readmemh(INPUT, input_beat);
        $readmemh(EXPECTED, expected_beat);
        if (LOAD_BEATS > 0)
            $readmemh(LOAD_WORDS, load_word);
        c_tvalid = 1'b0;
        c_tlast  = 1'b0;
        c_tdata  = 32'd0;
        loaded   = 0;
        done    = 1'b0;
        passed  = 1'b0;
        gaps    = 1'b0;
        random  = 32'h9e3779b9;
        rst     = 1'b1;
        s_tdata = {IN_W{1'b0}};
        s_tlast = 1'b0;
        s_tvalid   = 1'b0;
        m_tready   = 1'b0;
        reset_left = 4;
        sent       = 0;
        taken      = 0;
        waited     = 0;
        held       = 1'b0;
        held_last  = 1'b0;
        held_data  = {OUT_W{1'b0}};
    end

    always @(posedge clk) begin
        random = {random[30:0], random[31] ^ random[21] ^ random[1] ^ random[0]};
        if (reset_left != 0) begin
            reset_left = reset_left - 1;
            rst <= (reset_left != 0);
        end else if (!rst && !done) begin
            // ---- words
            if (feed_wrong) begin
                $display("the weights to be streamed are not there");
                done = 1'b1;
            end
            if (c_tvalid && c_tready)
                waited = 0;
            if (!c_tvalid || c_tready) begin
                c_tvalid <= 1'b0;
                if (loaded != LOAD_BEATS && !(gaps && random[5])) begin
                    c_tvalid <= 1'b1;
                    c_tdata  <= load_word[loaded];
                    c_tlast  <= (loaded == LOAD_BEATS - 1);
                    loaded = loaded + 1;
                end
            end
            // ---- input
            if (!s_tvalid || s_tready) begin
                s_tvalid <= 1'b0;
                if (loaded == LOAD_BEATS && sent != INPUTS && !(gaps && random[3])) begin
                    s_tvalid <= 1'b1;
                    s_tdata  <= input_beat[sent];
                    s_tlast  <= (sent % BEATS_IN == BEATS_IN - 1);
                    sent = sent + 1;
                end
            end
            // ---- output
            waited = waited + 1;
            if (held && (m_tvalid !== 1'b1 || m_tdata !== held_data || m_tlast !== held_last)) begin
                $display("a beat that waited was changed or taken back");
                fail;
            end
            if (m_tvalid !== 1'b0 && m_tready && !done) begin
                waited = 0;
                if (taken == OUTPUTS || m_tvalid !== 1'b1 || m_tdata !== expected_beat[taken % OUTPUTS]
                        || m_tlast !== (taken % BEATS_OUT == BEATS_OUT - 1))
                    fail;
                taken = taken + 1;
            end
            held      = m_tvalid && !m_tready;
            held_data = m_tdata;
            held_last = m_tlast;
            m_tready <= !(gaps && random[9]);
            // ---- end
            if (taken == OUTPUTS && waited == QUIET && !done) begin
                done   = gaps;
                passed = gaps;
                gaps   = 1'b1;
                restart;
            end else if (waited > TIMEOUT && !done) begin
                $display("image %0d, output beat %0d did not come in %0d cycles", taken / BEATS_OUT, taken % BEATS_OUT, TIMEOUT);
                done = 1'b1;
            end
        end
    end

endmodule

`default_nettype wire
