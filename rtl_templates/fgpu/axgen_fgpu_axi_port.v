// SPDX-License-Identifier: Apache-2.0
//
// axgen_fgpu_axi_port: the tile's memory port as an AXI4 master.
//
// Function    A burst of four reads on the memory port becomes one AXI read burst of 128 bytes, a write one AXI write burst of
//             32 bytes. Addresses are base + the tile's. Bursts are incrementing, of whole beats, aligned to their length, so
//             none crosses 4 KB. A read waits until the writes to its 128 bytes that came before it have their responses, a
//             write until the reads of its 128 bytes have theirs: the tile sees memory as if requests were served in turn.
//             Up to 8 read bursts and WRITES writes are under way at a time. All transactions have one ID (there are no ID
//             ports; tie them to a constant where an interconnect has them), so responses come in order.
//             An error response is reported with the tile's address, a multiple of 128; the data that came with it goes to
//             the tile like any other.
// Latency     2 cycles from the memory port to AXI; 1 from the last beat of a line to r_valid.
// Throughput  one AXI beat a cycle in each direction; a line is 256/DATA_W beats.
// Handshake   AXI4; its outputs come from registers, bready and rready are always high. m_ready comes from a register.
//             Memory port: as axgen_fgpu describes it.
// Legal       ADDR_W 13..32; AXI_ADDR_W ADDR_W..64; DATA_W 32, 64, 128 or 256; WRITES a power of two, 2..32. base is a multiple
//             of 4096 and stands still while busy.
`default_nettype none

module axgen_fgpu_axi_port #(
    parameter ADDR_W     = 24,                     // bits of the tile's addresses
    parameter AXI_ADDR_W = 32,                     // bits of AXI addresses
    parameter DATA_W     = 256,                    // bits of AXI data
    parameter WRITES     = 8                       // writes that wait for their response, at most
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire [AXI_ADDR_W-1:0] base,             // where the tile's memory begins
    output wire                  busy,             // a request has not been answered yet
    output wire [1:0]            read_error,       // pulses: SLVERR, DECERR
    output wire [ADDR_W-1:0]     read_error_addr,
    output wire [1:0]            write_error,
    output wire [ADDR_W-1:0]     write_error_addr,
    // the tile's memory port
    input  wire                  m_valid,
    output wire                  m_ready,
    input  wire                  m_write,
    input  wire [ADDR_W-1:0]     m_addr,
    input  wire [2:0]            m_id,
    input  wire [255:0]          m_wdata,
    input  wire [31:0]           m_wstrb,
    output reg                   r_valid,
    output reg  [2:0]            r_id,
    output reg  [255:0]          r_data,
    // AXI4 master
    output reg                   awvalid,
    input  wire                  awready,
    output reg  [AXI_ADDR_W-1:0] awaddr,
    output wire [7:0]            awlen,
    output wire [2:0]            awsize,
    output wire [1:0]            awburst,
    output reg                   wvalid,
    input  wire                  wready,
    output wire [DATA_W-1:0]     wdata,
    output wire [DATA_W/8-1:0]   wstrb,
    output wire                  wlast,
    input  wire                  bvalid,
    output wire                  bready,
    input  wire [1:0]            bresp,
    output reg                   arvalid,
    input  wire                  arready,
    output reg  [AXI_ADDR_W-1:0] araddr,
    output wire [7:0]            arlen,
    output wire [2:0]            arsize,
    output wire [1:0]            arburst,
    input  wire                  rvalid,
    output wire                  rready,
    input  wire [DATA_W-1:0]     rdata,
    input  wire [1:0]            rresp,
    input  wire                  rlast
);

    localparam WRITE_W = $clog2(WRITES);
    localparam SIZE    = $clog2(DATA_W / 8);
    localparam TAG_W   = ADDR_W - 7;               // of an aligned 128 bytes
    localparam [31:0] BEATS = 256 / DATA_W;        // of a line
    localparam [31:0] SIZE_ = SIZE;
    localparam [2:0]  LAST  = BEATS[2:0] - 3'd1;
    localparam [7:0]  BURST = {BEATS[5:0], 2'd0} - 8'd1;

    generate
        if (ADDR_W < 13 || ADDR_W > 32 || AXI_ADDR_W < ADDR_W || AXI_ADDR_W > 64 || DATA_W < 32 || DATA_W > 256 ||
            DATA_W != 8 << SIZE || WRITES < 2 || WRITES > 32 || WRITES != 1 << WRITE_W) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_fgpu_axi_port illegal ();
        end
    endgenerate

    // ---- requests wait in two registers
    localparam REQUEST_W = 1 + (ADDR_W - 5) + 3 + 256 + 32;
    wire              q_valid, q_ready, q_write;
    wire [ADDR_W-6:0] q_line;
    wire [2:0]        q_id;
    wire [255:0]      q_wdata;
    wire [31:0]       q_wstrb;
    axgen_fifo #(.WIDTH(REQUEST_W), .DEPTH(2)) u_request (
        .clk(clk), .rst(rst), .s_valid(m_valid), .s_ready(m_ready),
        .s_data({m_write, m_addr[ADDR_W-1:5], m_id, m_wdata, m_wstrb}),
        .m_valid(q_valid), .m_ready(q_ready), .m_data({q_write, q_line, q_id, q_wdata, q_wstrb})
    );
    wire [TAG_W-1:0] q_tag = q_line[ADDR_W-6:2];

    // ---- what is under way: rings of writes without a response and of read bursts without their last beat
    reg  [TAG_W-1:0]   write_tag [0:WRITES-1];
    reg  [WRITES-1:0]  write_open;
    reg  [WRITE_W-1:0] write_in, write_out;
    reg  [TAG_W-1:0]   read_tag [0:7];
    reg  [2:0]         read_id  [0:7];
    reg  [7:0]         read_open;
    reg  [2:0]         read_in, read_out;
    wire [WRITES-1:0]  write_same;                 // the request's 128 bytes are under way
    wire [7:0]         read_same;
    genvar             g;
    generate
        for (g = 0; g < WRITES; g = g + 1) begin : g_write
            assign write_same[g] = write_open[g] && (write_tag[g] == q_tag);
        end
        for (g = 0; g < 8; g = g + 1) begin : g_read
            assign read_same[g] = read_open[g] && (read_tag[g] == q_tag);
        end
    endgenerate

    reg  [2:0] w_beat;
    wire       first    = (q_line[1:0] == 2'd0);   // of a burst of reads; the other three are part of it
    wire       ar_free  = !arvalid || arready;
    wire       aw_free  = !awvalid || awready;
    wire       w_free   = !wvalid || (wready && wlast);
    wire       take_r   = q_valid && !q_write && first && ar_free && !read_open[read_in] && !(|write_same);
    wire       take_w   = q_valid && q_write && aw_free && w_free && !write_open[write_in] && !(|read_same);
    assign q_ready = q_write ? take_w : take_r || !first;
    assign busy    = q_valid || (|write_open) || (|read_open);

    // ---- addresses
    assign awlen   = {5'd0, LAST};
    assign arlen   = BURST;
    assign awsize  = SIZE_[2:0];
    assign arsize  = SIZE_[2:0];
    assign awburst = 2'b01;
    assign arburst = 2'b01;
    reg [AXI_ADDR_W-1:0] offset;
    always @* begin
        offset = {AXI_ADDR_W{1'b0}};
        offset[ADDR_W-1:5] = q_line;
    end
    always @(posedge clk)
        if (rst) begin
            awvalid <= 1'b0;
            arvalid <= 1'b0;
        end else begin
            if (aw_free)
                awvalid <= take_w;
            if (take_w)
                awaddr <= base + offset;
            if (ar_free)
                arvalid <= take_r;
            if (take_r)
                araddr <= base + offset;
        end

    // ---- write data and responses
    reg [255:0] w_data;
    reg [31:0]  w_strb;
    assign wdata  = w_data[DATA_W-1:0];
    assign wstrb  = w_strb[DATA_W/8-1:0];
    assign wlast  = (w_beat == LAST);
    assign bready = 1'b1;
    assign write_error      = {bvalid && (bresp == 2'b11), bvalid && (bresp == 2'b10)};
    assign write_error_addr = {write_tag[write_out], 7'd0};
    always @(posedge clk)
        if (rst) begin
            wvalid     <= 1'b0;
            w_beat     <= 3'd0;
            write_open <= {WRITES{1'b0}};
            write_in   <= {WRITE_W{1'b0}};
            write_out  <= {WRITE_W{1'b0}};
        end else begin
            if (wvalid && wready) begin
                w_beat <= wlast ? 3'd0 : w_beat + 3'd1;
                w_data <= w_data >> DATA_W;
                w_strb <= w_strb >> (DATA_W / 8);
            end
            if (w_free)
                wvalid <= take_w;
            if (take_w) begin
                w_data               <= q_wdata;
                w_strb               <= q_wstrb;
                write_tag[write_in]  <= q_tag;
                write_open[write_in] <= 1'b1;
                write_in             <= write_in + 1'b1;
            end
            if (bvalid) begin
                write_open[write_out] <= 1'b0;
                write_out             <= write_out + 1'b1;
            end
        end

    // ---- read data: beats become lines
    reg  [2:0]   r_beat;                           // of the line
    reg  [1:0]   r_line;                           // of the burst
    reg  [255:0] line;
    wire         line_end = rvalid && (r_beat == LAST);
    assign rready = 1'b1;
    assign read_error      = {rvalid && (rresp == 2'b11), rvalid && (rresp == 2'b10)};
    assign read_error_addr = {read_tag[read_out], 7'd0};
    always @* begin
        line = r_data >> DATA_W;
        line[255 -: DATA_W] = rdata;
    end
    always @(posedge clk) begin
        if (rvalid)
            r_data <= line;
        r_id <= read_id[read_out];
        if (rst) begin
            r_valid   <= 1'b0;
            r_beat    <= 3'd0;
            r_line    <= 2'd0;
            read_open <= 8'd0;
            read_in   <= 3'd0;
            read_out  <= 3'd0;
        end else begin
            r_valid <= line_end;
            if (rvalid)
                r_beat <= line_end ? 3'd0 : r_beat + 3'd1;
            if (line_end)
                r_line <= r_line + 2'd1;
            if (take_r) begin
                read_tag[read_in]  <= q_tag;
                read_id[read_in]   <= q_id;
                read_open[read_in] <= 1'b1;
                read_in            <= read_in + 3'd1;
            end
            if (line_end && r_line == 2'd3) begin
                read_open[read_out] <= 1'b0;
                read_out            <= read_out + 3'd1;
            end
        end
    end

    wire unused = &{1'b0, rlast, m_addr[4:0], BEATS[31:6], SIZE_[31:3]};

endmodule

`default_nettype wire
