// SPDX-License-Identifier: Apache-2.0
//
// axgen_fgpu_axi_host: the tile's host port and the registers of its AXI side as an AXI4-Lite slave.
//
// Function    Registers of 32 bits, byte addresses:
//               0x000000 CONTROL   write: start, [15:0] first launch, [31:16] how many
//                                  read: bit 0 busy (until the last write has its response), bit 1 some bit of ERROR is set
//               0x000004 CYCLES    read: the tile's cycles since the start
//               0x000008 LAUNCH    read: the launch that runs
//               0x00000c IRQ       bit 0: a run has ended; cleared by writing 1 and by a start; drives irq
//               0x000010 ERROR     bits 0 SLVERR, 1 DECERR on a read, 2 SLVERR, 3 DECERR on a write; stay until 1 is written
//               0x000014 ERROR_AT  read: the tile's address, a multiple of 128, of the first error since ERROR was 0
//               0x000018 BASE_LOW  where the tile's memory begins on the AXI4 master's bus; the low 12 bits are 0
//               0x00001c BASE_HIGH the upper 32 bits of it
//               0x100000 + 4n      write: word n of the program
//               0x200000 + 4n      write: word n of the descriptors (16 a launch)
//             SLVERR, and no effect: other addresses; reads of program and descriptors; writes to CYCLES, LAUNCH and ERROR_AT;
//             writes with some but not all strobes; while busy, writes to anything but IRQ and ERROR. Without any strobe a
//             write has no effect and is answered OKAY.
// Latency     2 cycles from the later of address and data to bvalid, 3 from a read's address to rvalid.
// Throughput  a write in 2 cycles, a read in 3.
// Handshake   AXI4-Lite; all outputs come from registers. After a start's response CONTROL reads busy until the run has ended.
// Legal       AXI_ADDR_W 13..64; ADDR_W 13..32; CODE_WORDS 16..65536; LAUNCHES 2..4096.
`default_nettype none

module axgen_fgpu_axi_host #(
    parameter ADDR_W     = 24,                     // bits of the tile's addresses
    parameter AXI_ADDR_W = 32,                     // bits of the master's addresses
    parameter CODE_WORDS = 4096,                   // of the program memory
    parameter LAUNCHES   = 64                      // descriptors that the tile holds
) (
    input  wire                  clk,
    input  wire                  rst,
    output wire                  irq,
    output wire [AXI_ADDR_W-1:0] base,
    // from the memory side
    input  wire                  port_busy,
    input  wire [1:0]            read_error,
    input  wire [ADDR_W-1:0]     read_error_addr,
    input  wire [1:0]            write_error,
    input  wire [ADDR_W-1:0]     write_error_addr,
    // the tile's host port
    output wire                  host_write,
    output wire [19:0]           host_addr,
    output wire [31:0]           host_wdata,
    input  wire [31:0]           host_rdata,
    // AXI4-Lite slave
    input  wire                  awvalid,
    output wire                  awready,
    input  wire [21:0]           awaddr,
    input  wire                  wvalid,
    output wire                  wready,
    input  wire [31:0]           wdata,
    input  wire [3:0]            wstrb,
    output reg                   bvalid,
    input  wire                  bready,
    output reg  [1:0]            bresp,
    input  wire                  arvalid,
    output wire                  arready,
    input  wire [21:0]           araddr,
    output reg                   rvalid,
    input  wire                  rready,
    output reg  [31:0]           rdata,
    output reg  [1:0]            rresp
);

    localparam [31:0] CODE_END = CODE_WORDS;
    localparam [31:0] DESC_END = 16 * LAUNCHES;
    localparam [19:0] CONTROL = 20'd0, CYCLES = 20'd1, LAUNCH = 20'd2, IRQ = 20'd3, ERROR = 20'd4, ERROR_AT = 20'd5,
                      BASE_LOW = 20'd6, BASE_HIGH = 20'd7;
    localparam [1:0]  OKAY = 2'b00, SLVERR = 2'b10;

    generate
        if (AXI_ADDR_W < 13 || AXI_ADDR_W > 64 || ADDR_W < 13 || ADDR_W > 32 || CODE_WORDS < 16 || CODE_WORDS > 65536 ||
            LAUNCHES < 2 || LAUNCHES > 4096) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_fgpu_axi_host illegal ();
        end
    endgenerate

    // ---- what came in
    reg         aw_full, w_full, ar_full, reading;
    reg  [19:0] aw, ar;                            // words
    reg  [31:0] w;
    reg  [3:0]  strobes;
    assign awready = !aw_full;
    assign wready  = !w_full;
    assign arready = !ar_full;
    wire do_write = aw_full && w_full && !bvalid;
    wire do_read  = ar_full && !rvalid && !reading && !do_write;
    always @(posedge clk) begin
        if (awready)
            aw <= awaddr[21:2];
        if (wready) begin
            w       <= wdata;
            strobes <= wstrb;
        end
        if (arready)
            ar <= araddr[21:2];
        if (rst) begin
            aw_full <= 1'b0;
            w_full  <= 1'b0;
            ar_full <= 1'b0;
        end else begin
            aw_full <= aw_full ? !do_write : awvalid;
            w_full  <= w_full ? !do_write : wvalid;
            ar_full <= ar_full ? !reading : arvalid;
        end
    end

    // ---- busy: word 0 of the host port is read whenever nothing else is
    reg  polled, tile_was, busy_was;
    wire tile_busy = polled ? host_rdata[0] : tile_was;
    wire busy      = tile_busy || port_busy;

    // ---- writes
    wire in_code = (aw[19:18] == 2'd1) && ({14'd0, aw[17:0]} < CODE_END);
    wire in_desc = (aw[19:18] == 2'd2) && ({14'd0, aw[17:0]} < DESC_END);
    wire to_tile = (aw == CONTROL) || in_code || in_desc;
    wire to_base = (aw == BASE_LOW) || (aw == BASE_HIGH);
    wire to_flag = (aw == IRQ) || (aw == ERROR);
    wire nothing = (strobes == 4'h0);
    wire legal   = nothing || ((strobes == 4'hf) && (to_flag || (!busy && (to_tile || to_base))));
    wire effect  = do_write && legal && !nothing;
    wire start   = effect && (aw == CONTROL);
    assign host_write = effect && to_tile;
    assign host_addr  = host_write ? aw : do_read && (ar == CYCLES || ar == LAUNCH) ? ar : 20'd0;
    assign host_wdata = w;

    reg        irq_flag;
    reg [3:0]  error;
    reg [ADDR_W-1:0] error_at;
    reg [63:0] base_;
    wire [3:0] errors = {write_error, read_error};
    assign irq  = irq_flag;
    assign base = base_[AXI_ADDR_W-1:0];
    always @(posedge clk)
        if (rst) begin
            polled   <= 1'b0;
            tile_was <= 1'b0;
            busy_was <= 1'b0;
            irq_flag <= 1'b0;
            error    <= 4'd0;
            error_at <= {ADDR_W{1'b0}};
            base_    <= 64'd0;
        end else begin
            polled   <= (host_addr == CONTROL) && !start;
            tile_was <= start || tile_busy;
            busy_was <= start || busy;
            if (start || (effect && aw == IRQ && w[0]))
                irq_flag <= 1'b0;
            else if (busy_was && !busy)
                irq_flag <= 1'b1;
            error <= ((effect && aw == ERROR) ? error & ~w[3:0] : error) | errors;
            if (error == 4'd0 && errors != 4'd0)
                error_at <= (read_error != 2'd0) ? read_error_addr : write_error_addr;
            if (effect && aw == BASE_LOW)
                base_[31:0] <= {w[31:12], 12'd0};
            if (effect && aw == BASE_HIGH)
                base_[63:32] <= w;
        end
    always @(posedge clk)
        if (rst)
            bvalid <= 1'b0;
        else if (do_write) begin
            bvalid <= 1'b1;
            bresp  <= legal ? OKAY : SLVERR;
        end else if (bready)
            bvalid <= 1'b0;

    // ---- reads: the tile's word comes a cycle after its address
    always @(posedge clk)
        if (rst) begin
            reading <= 1'b0;
            rvalid  <= 1'b0;
        end else begin
            reading <= do_read;
            if (reading) begin
                rvalid <= 1'b1;
                rresp  <= (ar <= BASE_HIGH) ? OKAY : SLVERR;
                case (ar)
                    CONTROL:   rdata <= {30'd0, error != 4'd0, busy};
                    CYCLES, LAUNCH: rdata <= host_rdata;
                    IRQ:       rdata <= {31'd0, irq_flag};
                    ERROR:     rdata <= {28'd0, error};
                    ERROR_AT:  rdata <= {{(32-ADDR_W){1'b0}}, error_at};
                    BASE_LOW:  rdata <= base_[31:0];
                    BASE_HIGH: rdata <= base_[63:32];
                    default:   rdata <= 32'd0;
                endcase
            end else if (rready)
                rvalid <= 1'b0;
        end

    wire unused = &{1'b0, awaddr[1:0], araddr[1:0]};
    generate
        if (AXI_ADDR_W < 64) begin : g_high
            wire unused_base = &{1'b0, base_[63:AXI_ADDR_W]};
        end
    endgenerate

endmodule

`default_nettype wire
