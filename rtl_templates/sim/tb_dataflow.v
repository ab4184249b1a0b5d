// SPDX-License-Identifier: Apache-2.0
//
// tb_dataflow: testbench of a generated accelerator `axgen_top` (clk, rst, s_axis_t*, m_axis_t*). Simulation only.
//
// Function    Feeds input beats from a file, writes output beats to a file, checks the AXI4-Stream rules, logs cycles.
//             It ends when all output beats have come and, with AXGEN_TRACE defined, every stage inside has emitted all of
//             its own (rows that no later window reads come after the last logit), or when an image takes too long.
//             With AXGEN_STREAM defined `axgen_fed` stands in the place of `axgen_top`: the same with what feeds its ports for
//             streamed weights (axgen_feed), which then pause at random too.
//             IN_W, OUT_W: widths of s_axis_tdata and m_axis_tdata. There are no delays in it: the clock comes from outside
//             (sim/main.cpp under Verilator, sim/tb_icarus.v under Icarus). Cycle 0 is the first cycle after reset.
//
// Plusargs    +input=FILE      one input beat a line, hexadecimal, images * beats_in lines
//             +output=FILE     one output beat a line, hexadecimal (as wide as m_axis_tdata)
//             +log=FILE        see below
//             +images=N        images to run                                        (default 1)
//             +beats_in=N      input beats of an image; tlast goes with the last    (default 1)
//             +beats_out=N     output beats of an image; tlast is expected there    (default 1)
//             +load_beats=N    words that are loaded before the first image; with AXGEN_LOAD defined, for an
//                              accelerator with that port                           (default 0)
//             +words=FILE      those, 32 bits a line, hexadecimal. With an odd SEED tlast does not mark the last one
//             +stalls=SEED     0: none; else random gaps of tvalid and tready, half of the cycles, now and then long ones
//             +timeout=N       cycles from one image's last output beat to the next one's, and from the last image's to
//                              the end, before giving up                            (default 1000000)
//
// Log         first_input CYCLE          cycle of the first accepted input beat
//             last_input CYCLE           of the last one
//             output_last IMAGE CYCLE    cycle of the handshake of every image's last output beat
//             error TEXT                 timeout | input file ... | words file ... | weights file ... | data changed under stall ... | valid dropped ... |
//                                        tlast missing ... | tlast early ... | beat after the last image
//             at CYCLE                   now and then, for whoever watches the file
//             stuck COMPLETE BLOCKED     with `error timeout`: binary, stage 0 in the lowest bit: which stages have emitted all
//                                        their beats, which wait for the stage behind them
//             cycles CYCLE               the cycle it stopped in
//             done                       always the last line; the run is good when it is there and there is no error
`default_nettype none

module tb_dataflow #(
    parameter IN_W  = 8,
    parameter OUT_W = 8
) (
    input wire clk
);

    reg [8*4096-1:0] input_name, output_name, log_name, words_name;
    integer input_file, output_file, log_file, words_file;
    integer images, beats_in, beats_out, timeout, seed;

    reg                rst;
    reg                s_tvalid, s_tlast;
    reg  [IN_W-1:0]    s_tdata;
    reg                m_tready;
    wire               s_tready, m_tvalid, m_tlast;
    wire [OUT_W-1:0]   m_tdata;

    reg                c_tvalid, c_tlast;
    reg  [31:0]        c_tdata;
    wire               c_tready;

    wire feed_wrong;
`ifdef AXGEN_STREAM
    axgen_fed dut (
        .stalls(seed), .feed_wrong(feed_wrong),
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

`ifdef AXGEN_PINS                                  // all pins are written down, for the simulation of gates
`ifdef AXGEN_STREAM
`define AXGEN_DUT dut.dut
`else
`define AXGEN_DUT dut
`endif
`include "axgen_pins.vh"
`endif

`ifndef AXGEN_LOAD
    assign c_tready = 1'b0;
    wire unused_words = &{1'b0, c_tdata, c_tlast};
`endif

`ifdef AXGEN_TRACE
    wire inside_complete = dut.all_complete;
`else
    wire inside_complete = 1'b1;
`endif

    // 32-bit xorshift
    function [31:0] shuffle(input [31:0] x);
        reg [31:0] t;
        begin
            t = x;
            t = t ^ (t << 13);
            t = t ^ (t >> 17);
            shuffle = t ^ (t << 5);
        end
    endfunction

    // cycles to pause before the next beat: usually a coin per beat, one time in 64 up to 63 cycles
    function integer pause(input [31:0] x);
        pause = (x[13:8] == 6'd0) ? {26'd0, x[21:16]} : {31'd0, x[24]};
    endfunction

    integer reset_left, cycle, waited, idle, got;
    integer in_left, in_beat, in_pause;
    integer load_beats, load_left, load_pause;
    integer out_beat, out_image, out_pause;
    reg [31:0] in_random, out_random, load_random, load_word;
    reg [IN_W-1:0] word;
    reg started, ended, held, held_last;
    reg [OUT_W-1:0] held_data;
    reg over;

    initial begin
        images    = 1;
        beats_in  = 1;
        beats_out = 1;
        timeout   = 1000000;
        seed      = 0;
        load_beats = 0;
        if ($value$plusargs("images=%d", images)) begin end
        if ($value$plusargs("beats_in=%d", beats_in)) begin end
        if ($value$plusargs("beats_out=%d", beats_out)) begin end
        if ($value$plusargs("timeout=%d", timeout)) begin end
        if ($value$plusargs("stalls=%d", seed)) begin end
        if ($value$plusargs("load_beats=%d", load_beats)) begin end
        if (!$value$plusargs("input=%s", input_name))   input_name  = "input.hex";
        if (!$value$plusargs("words=%s", words_name))   words_name  = "words.hex";
        if (!$value$plusargs("output=%s", output_name)) output_name = "output.hex";
        if (!$value$plusargs("log=%s", log_name))       log_name    = "log.txt";
        input_file  = $fopen(input_name, "r");
        words_file  = $fopen(words_name, "r");
        output_file = $fopen(output_name, "w");
        log_file    = $fopen(log_name, "w");
        rst         = 1'b1;
        s_tvalid    = 1'b0;
        s_tlast     = 1'b0;
        s_tdata     = {IN_W{1'b0}};
        c_tvalid    = 1'b0;
        c_tlast     = 1'b0;
        c_tdata     = 32'd0;
        m_tready    = 1'b0;
        reset_left  = 4;
        cycle       = 0;
        idle        = 0;
        waited      = 0;
        in_left     = images * beats_in;
        in_beat     = 0;
        in_pause    = 0;
        load_left   = load_beats;
        load_pause  = 0;
        load_word   = 32'd0;
        out_beat    = 0;
        out_image   = 0;
        out_pause   = 0;
        in_random   = 32'h9e3779b9 ^ seed;
        load_random = 32'h2545f491 ^ (seed << 2);
        out_random  = 32'h7f4a7c15 ^ (seed << 1);
        word        = {IN_W{1'b0}};
        started     = 1'b0;
        ended       = 1'b0;
        held        = 1'b0;
        held_last   = 1'b0;
        held_data   = {OUT_W{1'b0}};
        over        = 1'b0;
        if (input_file == 0) begin
            $fdisplay(log_file, "error input file cannot be read");
            over = 1'b1;
        end
        if (load_beats != 0 && words_file == 0) begin
            $fdisplay(log_file, "error words file cannot be read");
            over = 1'b1;
        end
    end

    always @(posedge clk) begin
        if (reset_left != 0) begin
            reset_left = reset_left - 1;
            rst <= (reset_left != 0);
        end
        if (!rst) begin
            // ---- words
            if (feed_wrong && !over) begin
                $fdisplay(log_file, "error weights file has not the words that are needed");
                over = 1'b1;
            end
            if (c_tvalid && c_tready)
                waited = 0;
            if (!c_tvalid || c_tready) begin
                if (c_tvalid && seed != 0) begin
                    load_random = shuffle(load_random);
                    load_pause  = pause(load_random);
                end
                c_tvalid <= 1'b0;
                if (load_pause != 0) begin
                    load_pause = load_pause - 1;
                end else if (load_left != 0 && !over) begin
                    got = $fscanf(words_file, "%h", load_word);
                    if (got != 1) begin
                        $fdisplay(log_file, "error words file has %0d words, %0d are needed", load_beats - load_left, load_beats);
                        over = 1'b1;
                    end
                    c_tvalid  <= (got == 1);
                    c_tdata   <= load_word;
                    c_tlast   <= (load_left == 1 && !seed[0]);
                    load_left = load_left - 1;
                end
            end

            // ---- input side
            if (s_tvalid && s_tready && in_left == 0 && !ended) begin
                ended = 1'b1;
                $fdisplay(log_file, "last_input %0d", cycle);
            end
            if (s_tvalid && s_tready && !started) begin
                started = 1'b1;
                $fdisplay(log_file, "first_input %0d", cycle);
            end
            if (!s_tvalid || s_tready) begin
                if (s_tvalid && seed != 0) begin
                    in_random = shuffle(in_random);
                    in_pause  = pause(in_random);
                end
                if (in_pause != 0) begin
                    in_pause = in_pause - 1;
                    s_tvalid <= 1'b0;
                end else if (in_left != 0 && !over) begin
                    got = $fscanf(input_file, "%h", word);
                    if (got != 1) begin
                        $fdisplay(log_file, "error input file has %0d beats, %0d are needed", images * beats_in - in_left,
                                  images * beats_in);
                        over = 1'b1;
                    end
                    s_tvalid <= (got == 1);
                    s_tdata  <= word;
                    s_tlast  <= (in_beat == beats_in - 1);
                    in_beat  = (in_beat == beats_in - 1) ? 0 : in_beat + 1;
                    in_left  = in_left - 1;
                end else begin
                    s_tvalid <= 1'b0;
                end
            end

            // ---- output side
            if (held && !m_tvalid) begin
                $fdisplay(log_file, "error valid dropped under stall, cycle %0d", cycle);
                over = 1'b1;
            end else if (held && (m_tdata !== held_data || m_tlast !== held_last)) begin
                $fdisplay(log_file, "error data changed under stall, cycle %0d", cycle);
                over = 1'b1;
            end
            held      = m_tvalid && !m_tready;
            held_data = m_tdata;
            held_last = m_tlast;
            idle      = (out_image >= images && inside_complete) ? idle + 1 : 0;
            waited    = waited + 1;
            if (m_tvalid && m_tready) begin
                if (out_image >= images) begin
                    $fdisplay(log_file, "error beat after the last image, cycle %0d", cycle);
                    over = 1'b1;
                end else begin
                    $fdisplay(output_file, "%h", m_tdata);
                    if (m_tlast !== (out_beat == beats_out - 1)) begin
                        if (m_tlast)
                            $fdisplay(log_file, "error tlast early, image %0d beat %0d", out_image, out_beat);
                        else
                            $fdisplay(log_file, "error tlast missing, image %0d beat %0d", out_image, out_beat);
                        over = 1'b1;
                    end
                    if (out_beat == beats_out - 1) begin
                        $fdisplay(log_file, "output_last %0d %0d", out_image, cycle);
                        waited    = 0;
                        out_image = out_image + 1;
                        out_beat  = 0;
                    end else begin
                        out_beat = out_beat + 1;
                    end
                end
            end
            if (out_pause != 0) begin
                out_pause = out_pause - 1;
            end else if (seed != 0) begin
                out_random = shuffle(out_random);
                out_pause  = pause(out_random);
            end
            m_tready <= (out_pause == 0);
            if (waited > timeout && idle == 0) begin
                $fdisplay(log_file, "error timeout");
`ifdef AXGEN_TRACE
                $fdisplay(log_file, "stuck %b %b", dut.stage_complete, dut.stage_blocked);
`endif
                over = 1'b1;
            end
            if (cycle[11:0] == 12'd0) begin
                $fdisplay(log_file, "at %0d", cycle);
                $fflush(log_file);
            end
            // a few cycles more than needed, to see a beat too many
            if (over || idle == 64) begin
                $fdisplay(log_file, "cycles %0d", cycle);
                $fdisplay(log_file, "done");
                $fclose(log_file);
                $fclose(output_file);
                $finish;
            end
            cycle = cycle + 1;
        end
    end

endmodule

`default_nettype wire
