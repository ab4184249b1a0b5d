// SPDX-License-Identifier: Apache-2.0
//
// tb_fgpu_axi: testbench of a generated tile behind AXI: tb_fgpu_device driven by the same files as tb_fgpu. Simulation only.
//
// Function    Sets the base address, loads the program through the registers and memory from its file, runs launches, writes
//             regions of memory to a file, logs cycles. After each run ERROR must be 0 and no response may be missing.
//
// Plusargs    those of tb_fgpu_device, and +host, +memory, +script, +output, +log, +timeout as in tb_fgpu
// Script      as in tb_fgpu
// Log         as in tb_fgpu; CYCLES are the tile's own count, READS and WRITES lines of 32 bytes on the bus
`default_nettype none

module tb_fgpu_axi #(
    parameter LINES  = 4096,                       // of global memory
    parameter DATA_W = 256                         // bits of its bus
) (
    input wire clk
);

    localparam [63:0] BASE = 64'h7612345000;
    localparam CONTROL = 22'h00, CYCLES = 22'h04, ERROR = 22'h10, BASE_LOW = 22'h18, BASE_HIGH = 22'h1c;

    reg  [8*1024-1:0] host_name, memory_name, script_name, output_name, log_name;
    integer host_file, script_file, output_file, log_file, timeout, got;

    reg         go, write;
    reg  [21:0] addr;
    reg  [31:0] data;
    wire        done, up, irq, quiet;
    wire [31:0] answer;
    wire [1:0]  response;
    wire [31:0] reads, writes;
    tb_fgpu_device #(.LINES(LINES), .DATA_W(DATA_W), .BASE(BASE)) device (
        .clk(clk), .go(go), .write(write), .addr(addr), .data(data), .done(done), .answer(answer), .response(response),
        .up(up), .irq(irq), .quiet(quiet), .reads(reads), .writes(writes)
    );

    localparam RESET = 0, LOAD = 1, NEXT = 2, START = 3, WAIT = 4, CHECK = 5, FEED = 6, OVER = 7, BASE_1 = 8, LOG = 9;
    integer state, cycle, command, first, count, since, put, i, reads_was, writes_was;
    reg     busy;                                  // with an access
    reg [31:0] address, word;

    task access(input is_write, input [21:0] at, input [31:0] value);
        begin
            go    <= 1'b1;
            write <= is_write;
            addr  <= at;
            data  <= value;
            busy  = 1'b1;
        end
    endtask
    task stop(input [8*48-1:0] why);
        begin
            $fdisplay(log_file, "error %0s", why);
            state = OVER;
        end
    endtask

    initial begin
        timeout = 100000000;
        if ($value$plusargs("timeout=%d", timeout)) begin end
        if (!$value$plusargs("host=%s", host_name))     host_name   = "host.txt";
        if (!$value$plusargs("memory=%s", memory_name)) memory_name = "memory.hex";
        if (!$value$plusargs("script=%s", script_name)) script_name = "script.txt";
        if (!$value$plusargs("output=%s", output_name)) output_name = "output.hex";
        if (!$value$plusargs("log=%s", log_name))       log_name    = "log.txt";
        for (i = 0; i < LINES; i = i + 1)
            device.memory.memory[i] = 256'd0;
        $readmemh(memory_name, device.memory.memory);
        host_file   = $fopen(host_name, "r");
        script_file = $fopen(script_name, "r");
        output_file = $fopen(output_name, "w");
        log_file    = $fopen(log_name, "w");
        go      = 1'b0;
        write   = 1'b0;
        addr    = 22'd0;
        data    = 32'd0;
        busy    = 1'b0;
        state   = RESET;
        cycle   = 0;
        since   = 0;
        first   = 0;
        count   = 0;
        command = 0;
        put     = 0;
        reads_was  = 0;
        writes_was = 0;
        if (host_file == 0 || script_file == 0)
            stop("a file cannot be read");
    end

    always @(posedge clk) begin
        cycle = cycle + 1;
        go <= 1'b0;
        if (busy && done) begin
            busy = 1'b0;
            if (response != 2'd0)
                stop("a register access was refused");
        end
        if (!busy)
            case (state)
                RESET:
                    if (up) begin
                        access(1'b1, BASE_LOW, BASE[31:0]);
                        state = BASE_1;
                    end
                BASE_1: begin
                    access(1'b1, BASE_HIGH, BASE[63:32]);
                    state = LOAD;
                end
                LOAD: begin
                    got = $fscanf(host_file, "%h %h", address, word);
                    if (got == 2)
                        access(1'b1, {address[19:0], 2'd0}, word);
                    else
                        state = NEXT;
                end
                NEXT: begin
                    got = $fscanf(script_file, "%d %d %d", command, first, count);
                    if (got != 3)
                        command = 9;
                    case (command)
                        0: begin
                            access(1'b1, CONTROL, {count[15:0], first[15:0]});
                            since      = cycle;
                            reads_was  = reads;
                            writes_was = writes;
                            state      = START;
                        end
                        1:
                            for (i = 0; i < count; i = i + 1)
                                $fdisplay(output_file, "%h", device.memory.memory[first+i]);
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
                START:                             // the interrupt, then the registers
                    if (irq) begin
                        access(1'b0, CONTROL, 32'd0);
                        state = WAIT;
                    end else if (cycle > since + timeout)
                        stop("timeout");
                WAIT: begin
                    if (answer[0] || !quiet)
                        stop("the interrupt came before the end");
                    else if (answer[1])
                        stop("the bus answered with an error");
                    else begin
                        access(1'b0, ERROR, 32'd0);
                        state = CHECK;
                    end
                end
                CHECK: begin
                    if (answer != 32'd0)
                        stop("the bus answered with an error");
                    else begin
                        access(1'b0, CYCLES, 32'd0);
                        state = LOG;
                    end
                end
                LOG: begin
                    $fdisplay(log_file, "run %0d %0d %0d %0d %0d", first, count, answer,
                              (reads - reads_was) * DATA_W / 256, (writes - writes_was) * DATA_W / 256);
                    state = NEXT;
                end
                FEED: begin
                    got = $fscanf(script_file, "%h", word);
                    device.memory.memory[first+put/8][32*(put%8) +: 32] = word;
                    put = put + 1;
                    if (put == 8*count)
                        state = NEXT;
                    if (got != 1)
                        stop("the script is short");
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
