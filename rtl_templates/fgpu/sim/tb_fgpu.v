// SPDX-License-Identifier: Apache-2.0
//
// tb_fgpu: testbench of a generated tile `axgen_top`: host, global memory. Simulation only.
//
// Function    Loads program and descriptors through the host port and memory from files, runs launches, writes regions of
//             memory to a file, logs cycles. The clock comes from outside (rtl_templates/sim).
//
// Plusargs    +host=FILE     what the host writes before anything else: pairs of hexadecimal words, address and data
//             +memory=FILE   a $readmemh image of lines of 32 bytes, first byte in the lowest digits
//             +script=FILE   commands, decimal, see below
//             +output=FILE   lines of memory as in +memory
//             +log=FILE
//             +latency=N     cycles from a read's handshake to its answer           (default 8, at least 1)
//             +stalls=SEED   0: none; else random gaps of m_ready and later answers
//             +timeout=N     cycles of one run before giving up                     (default 100000000)
//             +fault=N       makes the memory port break its rules on purpose, to test the checks: while a request waits,
//                            1 m_valid falls, 2 to 6 a bit of m_write, m_addr, m_id, m_wdata, m_wstrb changes; 7: a request
//                            of another CV in the middle of a burst                  (default 0: none)
//
// Script      0 FIRST COUNT  run launches          1 LINE COUNT   write lines of memory to the output
//             3 LINE COUNT   set lines of memory to what follows: words, hexadecimal, 8 a line, the lowest first
//             9 0 0          end
// Checks      that a request on the memory port, once shown, stays with every field until it is taken; that reads come in
//             aligned bursts of 4 lines which nothing parts.
// Log         run FIRST COUNT CYCLES READS WRITES END    lines read and written on the memory port; cycles since reset at its end
//             error TEXT                             or on the standard output, from the checks
//             done                                   always the last line of a good run
`default_nettype none

module tb_fgpu #(
    parameter ADDR_W = 24,
    parameter LINES  = 4096                        // of global memory
) (
    input wire clk
);

    reg  [8*1024-1:0] host_name, memory_name, script_name, output_name, log_name;
    integer host_file, script_file, output_file, log_file;
    integer latency, seed, timeout, fault, got;

    reg               rst, host_write;
    reg  [19:0]       host_addr;
    reg  [31:0]       host_wdata;
    wire [31:0]       host_rdata;
    wire              m_valid, m_write, dut_valid, dut_write;
    wire              m_ready, r_valid, outside;
    wire [ADDR_W-1:0] m_addr, dut_addr;
    wire [2:0]        m_id, dut_id;
    wire [255:0]      m_wdata, dut_wdata;
    wire [31:0]       m_wstrb, dut_wstrb;
    wire [2:0]        r_id;
    wire [255:0]      r_data;

    axgen_top dut (
        .clk(clk), .rst(rst),
        .host_write(host_write), .host_addr(host_addr), .host_wdata(host_wdata), .host_rdata(host_rdata),
        .m_valid(dut_valid), .m_ready(m_ready), .m_write(dut_write), .m_addr(dut_addr), .m_id(dut_id),
        .m_wdata(dut_wdata), .m_wstrb(dut_wstrb), .r_valid(r_valid), .r_id(r_id), .r_data(r_data)
    );

`ifdef AXGEN_PINS                                  // all pins are written down, for the simulation of gates
`define AXGEN_DUT dut
`include "axgen_pins.vh"
`endif

    // ---- the memory port's rules, and faults against them
    reg waits;                                     // the request was shown in the last cycle and not taken
    reg [2:0] part;                                // lines of the present burst that were taken, modulo 4
    reg [2:0] burst_id;
    always @(posedge clk)
        waits <= !rst && dut_valid && !m_ready;
    assign m_valid = dut_valid && !(fault == 1 && waits);
    assign m_write = dut_write ^ (fault == 2 && waits);
    assign m_addr  = dut_addr ^ {{(ADDR_W-6){1'b0}}, (fault == 3 && waits), 5'd0};
    assign m_id    = dut_id ^ {2'd0, (fault == 4 && waits) || (fault == 7 && part == 3'd2)};
    assign m_wdata = dut_wdata ^ {(fault == 5 && waits), 255'd0};
    assign m_wstrb = dut_wstrb ^ {(fault == 6 && waits), 31'd0};
    axgen_stable #(.WIDTH(1), .NAME("m_write")) check_write (
        .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_write)
    );
    axgen_stable #(.WIDTH(ADDR_W), .NAME("m_addr")) check_addr (
        .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_addr)
    );
    axgen_stable #(.WIDTH(3), .NAME("m_id")) check_id (
        .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_id)
    );
    axgen_stable #(.WIDTH(256), .NAME("m_wdata")) check_wdata (
        .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_wdata)
    );
    axgen_stable #(.WIDTH(32), .NAME("m_wstrb")) check_wstrb (
        .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_wstrb)
    );
    always @(posedge clk)
        if (rst)
            part <= 3'd0;
        else if (m_valid && m_ready) begin
            part     <= m_write ? 3'd0 : {1'b0, m_addr[6:5]} + 3'd1 & 3'd3;
            burst_id <= m_id;
            if (part != 3'd0 ? m_write || {1'b0, m_addr[6:5]} != part || m_id != burst_id
                             : !m_write && m_addr[6:5] != 2'd0) begin
                $display("error a read burst on the memory port was parted");
                $finish;
            end
        end

    axgen_tile_memory #(.ADDR_W(ADDR_W), .LINES(LINES)) store (
        .clk(clk), .rst(rst), .latency(latency), .seed(seed),
        .m_valid(m_valid), .m_ready(m_ready), .m_write(m_write), .m_addr(m_addr), .m_id(m_id),
        .m_wdata(m_wdata), .m_wstrb(m_wstrb), .r_valid(r_valid), .r_id(r_id), .r_data(r_data), .outside(outside)
    );

    // ---- host
    localparam RESET = 0, LOAD = 1, NEXT = 2, WAIT = 3, FEED = 4, OVER = 5;
    integer state, cycle, start, command, first, count, since, put, i;
    reg [31:0] address, word;

    initial begin
        latency = 8;
        seed    = 0;
        timeout = 100000000;
        fault   = 0;
        if ($value$plusargs("latency=%d", latency)) begin end
        if ($value$plusargs("stalls=%d", seed)) begin end
        if ($value$plusargs("timeout=%d", timeout)) begin end
        if ($value$plusargs("fault=%d", fault)) begin end
        if (!$value$plusargs("host=%s", host_name))     host_name   = "host.txt";
        if (!$value$plusargs("memory=%s", memory_name)) memory_name = "memory.hex";
        if (!$value$plusargs("script=%s", script_name)) script_name = "script.txt";
        if (!$value$plusargs("output=%s", output_name)) output_name = "output.hex";
        if (!$value$plusargs("log=%s", log_name))       log_name    = "log.txt";
        for (i = 0; i < LINES; i = i + 1)
            store.memory[i] = 256'd0;
        $readmemh(memory_name, store.memory);
        host_file   = $fopen(host_name, "r");
        script_file = $fopen(script_name, "r");
        output_file = $fopen(output_name, "w");
        log_file    = $fopen(log_name, "w");
        rst        = 1'b1;
        host_write = 1'b0;
        host_addr  = 20'd0;
        host_wdata = 32'd0;
        state      = RESET;
        cycle      = 0;
        start      = 0;
        since      = 0;
        first      = 0;
        count      = 0;
        command    = 0;
        put        = 0;
        if (host_file == 0 || script_file == 0) begin
            $fdisplay(log_file, "error a file cannot be read");
            state = OVER;
        end
    end

    always @(posedge clk) begin
        cycle = cycle + 1;
        if (outside && state != OVER) begin
            $fdisplay(log_file, "error address %h is outside the memory", store.outside_addr);
            state = OVER;
        end
        host_write <= 1'b0;
        case (state)
            RESET:
                if (cycle == 4) begin
                    rst   <= 1'b0;
                    start = cycle + 1;
                    state = LOAD;
                end
            LOAD: begin
                got = $fscanf(host_file, "%h %h", address, word);
                if (got == 2) begin
                    host_write <= 1'b1;
                    host_addr  <= address[19:0];
                    host_wdata <= word;
                end else
                    state = NEXT;
            end
            NEXT: begin
                got = $fscanf(script_file, "%d %d %d", command, first, count);
                if (got != 3)
                    command = 9;
                case (command)
                    0: begin
                        host_write <= 1'b1;
                        host_addr  <= 20'd0;
                        host_wdata <= {count[15:0], first[15:0]};
                        store.reads  = 0;
                        store.writes = 0;
                        since  = cycle;
                        state  = WAIT;
                    end
                    1:
                        for (i = 0; i < count; i = i + 1)
                            $fdisplay(output_file, "%h", store.memory[first+i]);
                    3: begin
                        put   = 0;
                        state = FEED;
                    end
                    default: begin
                        $fdisplay(log_file, "done");
                        state = OVER;
                    end
                endcase
            end
            FEED: begin
                got = $fscanf(script_file, "%h", word);
                store.memory[first+put/8][32*(put%8) +: 32] = word;
                put = put + 1;
                if (put == 8*count)
                    state = NEXT;
                if (got != 1) begin
                    $fdisplay(log_file, "error the script is short");
                    state = OVER;
                end
            end
            WAIT:                                  // a few cycles until the start shows as busy
                if (cycle > since + 4 && !host_rdata[0]) begin
                    $fdisplay(log_file, "run %0d %0d %0d %0d %0d %0d", first, count, cycle - since, store.reads, store.writes,
                              cycle - start);
                    state = NEXT;
                end else if (cycle > since + timeout) begin
                    $fdisplay(log_file, "error timeout");
                    state = OVER;
                end
            default: begin
                $fclose(log_file);
                $fclose(output_file);
                $finish;
            end
        endcase
    end

endmodule

`default_nettype wire
