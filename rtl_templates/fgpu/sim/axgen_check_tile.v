// SPDX-License-Identifier: Apache-2.0
//
// axgen_check_tile: host and memory for a generated tile `axgen_top`: runs a program on images and compares the results with
//                   what is expected. Simulation only; `axgen rtl` puts it into tb/ with a clock around it.
//
// Function    The host writes what HOST lists (pairs of hexadecimal words, address and data). For each image the memory of
//             LINES lines of 32 bytes is set to 0, then to CONSTANTS (a $readmemh file), then from line INPUT_LINE on to the
//             INPUT_LINES lines of the image in INPUT; LAUNCHES launches run; then each of the VALUES words of EXPECTED,
//             {byte address, value of 8 * VALUE_BYTES bits}, must be found in the memory. The memory answers after LATENCY
//             cycles and takes requests at random times. `done` rises at the end, `passed` with it when all was as expected;
//             the first thing that was not is printed.
// Latency     does not matter. Throughput one request per cycle, at most.
// Handshake   m_valid/m_ready.
// Legal       all numbers >= 1; VALUE_BYTES 1 or 4. TIMEOUT: cycles of an image before it gives up.
`default_nettype none

module axgen_check_tile #(
    parameter ADDR_W      = 24,
    parameter LINES       = 4096,
    parameter LAUNCHES    = 1,
    parameter IMAGES      = 1,
    parameter INPUT_LINE  = 0,
    parameter INPUT_LINES = 1,
    parameter VALUES      = 1,
    parameter VALUE_BYTES = 4,
    parameter LATENCY     = 8,
    parameter TIMEOUT     = 100000000,
    parameter HOST        = "",
    parameter CONSTANTS   = "",
    parameter INPUT       = "",
    parameter EXPECTED    = ""
) (
    input  wire clk,
    output reg  done,
    output reg  passed
);

    localparam RESET = 0, LOAD = 1, START = 2, RUN = 3, COMPARE = 4, OVER = 5;

    reg  [255:0] image_line [0:IMAGES*INPUT_LINES-1];
    reg  [63:0]  expected [0:IMAGES*VALUES-1];
    reg          rst, host_write;
    wire         m_ready, r_valid, outside;
    reg  [19:0]  host_addr;
    reg  [31:0]  host_wdata;
    wire [2:0]   r_id;
    wire [255:0] r_data;
    wire         m_valid, m_write;
    wire [31:0]  host_rdata, m_wstrb;
    wire [2:0]   m_id;
    wire [255:0] m_wdata;
    wire [ADDR_W-1:0] m_addr;

    axgen_top dut (
        .clk(clk), .rst(rst),
        .host_write(host_write), .host_addr(host_addr), .host_wdata(host_wdata), .host_rdata(host_rdata),
        .m_valid(m_valid), .m_ready(m_ready), .m_write(m_write), .m_addr(m_addr), .m_id(m_id),
        .m_wdata(m_wdata), .m_wstrb(m_wstrb), .r_valid(r_valid), .r_id(r_id), .r_data(r_data)
    );

    axgen_tile_memory #(.ADDR_W(ADDR_W), .LINES(LINES)) store (
        .clk(clk), .rst(rst), .latency(LATENCY), .seed(32'd1),
        .m_valid(m_valid), .m_ready(m_ready), .m_write(m_write), .m_addr(m_addr), .m_id(m_id),
        .m_wdata(m_wdata), .m_wstrb(m_wstrb), .r_valid(r_valid), .r_id(r_id), .r_data(r_data), .outside(outside)
    );

    // ---- host
    integer     state, cycle, since, image, host_file, got, i;
    reg [31:0]  address, word, value;
    reg [255:0] found;

    initial begin
        $readmemh(INPUT, image_line);
        $readmemh(EXPECTED, expected);
        host_file  = $fopen(HOST, "r");
        done       = 1'b0;
        passed     = 1'b0;
        rst        = 1'b1;
        host_write = 1'b0;
        host_addr  = 20'd0;
        host_wdata = 32'd0;
        cycle      = 0;
        since      = 0;
        image      = 0;
        state      = RESET;
        if (host_file == 0) begin
            $display("the program cannot be read");
            state = OVER;
        end
    end

    always @(posedge clk) begin
        cycle  = cycle + 1;
        if (outside && state != OVER) begin
            $display("image %0d: address %h is outside the memory", image, store.outside_addr);
            state = OVER;
        end
        host_write <= 1'b0;
        case (state)
            RESET:
                if (cycle == 4) begin
                    rst   <= 1'b0;
                    state = LOAD;
                end
            LOAD: begin
                got = $fscanf(host_file, "%h %h", address, word);
                if (got == 2) begin
                    host_write <= 1'b1;
                    host_addr  <= address[19:0];
                    host_wdata <= word;
                end else
                    state = START;
            end
            START: begin
                for (i = 0; i < LINES; i = i + 1)
                    store.memory[i] = 256'd0;
                $readmemh(CONSTANTS, store.memory);
                for (i = 0; i < INPUT_LINES; i = i + 1)
                    store.memory[INPUT_LINE+i] = image_line[image*INPUT_LINES+i];
                host_write <= 1'b1;
                host_addr  <= 20'd0;
                host_wdata <= LAUNCHES << 16;
                since = cycle;
                state = RUN;
            end
            RUN:                                   // a few cycles until the start shows as busy
                if (cycle > since + 4 && !host_rdata[0])
                    state = COMPARE;
                else if (cycle > since + TIMEOUT) begin
                    $display("image %0d: no end after %0d cycles", image, TIMEOUT);
                    state = OVER;
                end
            COMPARE: begin
                state = START;
                for (i = 0; i < VALUES && state != OVER; i = i + 1) begin
                    {address, word} = expected[image*VALUES+i];
                    found = store.memory[address[31:5]] >> {address[4:0], 3'd0};
                    value = (VALUE_BYTES == 4) ? found[31:0] : {24'd0, found[7:0]};
                    if (value !== word) begin
                        $display("image %0d, value %0d: %h is in the memory, %h was expected", image, i, value, word);
                        state = OVER;
                    end
                end
                image = image + 1;
                if (image == IMAGES && state != OVER) begin
                    passed = 1'b1;
                    state  = OVER;
                end
            end
            default:
                done = 1'b1;
        endcase
    end

endmodule

`default_nettype wire
