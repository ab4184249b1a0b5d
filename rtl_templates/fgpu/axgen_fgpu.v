// SPDX-License-Identifier: Apache-2.0
//
// axgen_fgpu: the whole tile: compute vectors, dispatcher, program and descriptor memories, host and memory ports.
//
// Function    The host writes program and descriptors, starts launches and waits; the tile works on global memory.
//             Host port, one word a cycle, host_addr:
//               0x00000 write: start; [15:0] first launch, [31:16] how many      0x00000 read: bit 0 busy
//               0x00001 read: cycles since the start                             0x00002 read: launch that runs
//               0x40000 + n write: word n of the program                         0x80000 + n write: word n of the descriptors
//             (16 words a descriptor). While busy only reads have an effect. host_rdata comes a cycle after host_addr.
//             Memory port: one line of 32 bytes a request; m_addr in bytes, a multiple of 32. A write carries byte strobes
//             and has no answer. A read is answered by r_valid, r_data and the request's id in r_id; answers to one id in
//             the order of its requests, and after all writes that were taken before them.
// Latency     see the parts.
// Throughput  CVS instructions (of 64 lanes) in 8 cycles.
// Handshake   m_valid/m_ready as in AXI4-Stream; answers are taken at once.
// Legal       CVS 1..8; DOT4 0 or 1 (four multipliers a PE, for dot4); SLOTS 2..16, LINES 8..4096, LOCAL_BYTES 64*SLOTS..65536, CODE_WORDS 16..65536 and LAUNCHES
//             2..4096 powers of two; ADDR_W 13..32.
//             Needs a module axgen_fgpu_mul #(CV, PE) (a, b, p): the PEs' multipliers (generated).
`default_nettype none

module axgen_fgpu #(
    parameter CVS         = 1,
    parameter DOT4        = 0,
    parameter SLOTS       = 8,
    parameter LINES       = 256,
    parameter LOCAL_BYTES = 4096,
    parameter ADDR_W      = 24,
    parameter CODE_WORDS  = 4096,
    parameter LAUNCHES    = 64
) (
    input  wire              clk,
    input  wire              rst,
    input  wire              host_write,
    input  wire [19:0]       host_addr,
    input  wire [31:0]       host_wdata,
    output reg  [31:0]       host_rdata,
    output wire              m_valid,
    input  wire              m_ready,
    output wire              m_write,
    output wire [ADDR_W-1:0] m_addr,
    output wire [2:0]        m_id,
    output wire [255:0]      m_wdata,
    output wire [31:0]       m_wstrb,
    input  wire              r_valid,
    input  wire [2:0]        r_id,
    input  wire [255:0]      r_data
);

    localparam PC_W     = $clog2(CODE_WORDS);
    localparam LAUNCH_W = $clog2(LAUNCHES);
    localparam DESC_W   = LAUNCH_W + 4;

    generate
        if (CVS < 1 || CVS > 8 || DOT4 < 0 || DOT4 > 1 || CODE_WORDS < 16 || CODE_WORDS > 65536 || CODE_WORDS != 1 << PC_W || LAUNCHES < 2 ||
            LAUNCHES > 4096 || LAUNCHES != 1 << LAUNCH_W) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_fgpu illegal ();
        end
    endgenerate

    // ---- host
    wire                busy, flush;
    wire [LAUNCH_W-1:0] launch;
    wire                code_we = host_write && !busy && (host_addr[19:18] == 2'd1);
    wire                desc_we = host_write && !busy && (host_addr[19:18] == 2'd2);
    wire                go      = host_write && !busy && (host_addr == 20'd0);
    reg  [31:0]         cycles;
    always @(posedge clk) begin
        if (rst || go)
            cycles <= 32'd0;
        else if (busy)
            cycles <= cycles + 32'd1;
        case (host_addr[1:0])
            2'd0: host_rdata <= {31'd0, busy};
            2'd1: host_rdata <= cycles;
            default: host_rdata <= {{(32-LAUNCH_W){1'b0}}, launch};
        endcase
    end

    // ---- program and descriptors: the CVs read in different cycles, so one read port each is enough
    wire [CVS*PC_W-1:0] cv_code;
    wire [CVS*4-1:0]    cv_desc;
    wire [3:0]          own_desc;
    reg  [PC_W-1:0]     code_addr;
    reg  [3:0]          desc_index;
    integer             i;
    always @* begin
        code_addr  = {PC_W{1'b0}};
        desc_index = own_desc;
        for (i = 0; i < CVS; i = i + 1) begin
            code_addr  = code_addr | cv_code[i*PC_W +: PC_W];
            desc_index = desc_index | cv_desc[i*4 +: 4];
        end
    end
    wire [31:0] code_word, desc_word;
    axgen_ram_sp #(.WIDTH(32), .LANE_W(32), .DEPTH(CODE_WORDS)) u_code (
        .clk(clk), .en(code_we || busy), .we(code_we), .addr(busy ? code_addr : host_addr[PC_W-1:0]), .wdata(host_wdata),
        .rdata(code_word)
    );
    axgen_ram_sp #(.WIDTH(32), .LANE_W(32), .DEPTH(16*LAUNCHES)) u_desc (
        .clk(clk), .en(desc_we || busy), .we(desc_we), .addr(busy ? {launch, desc_index} : host_addr[DESC_W-1:0]),
        .wdata(host_wdata), .rdata(desc_word)
    );

    // ---- dispatcher
    wire [CVS-1:0]  start, free, idle;
    wire [PC_W-1:0] start_pc;
    wire [15:0]     start_group0, start_group1, groups0, groups1;
    axgen_fgpu_dispatch #(.CVS(CVS), .PC_W(PC_W), .LAUNCH_W(LAUNCH_W)) u_dispatch (
        .clk(clk), .rst(rst), .go(go), .first(host_wdata[LAUNCH_W-1:0]), .count(host_wdata[16 +: LAUNCH_W+1]),
        .busy(busy), .launch(launch), .desc_index(own_desc), .desc_word(desc_word),
        .flush(flush), .start(start), .start_pc(start_pc), .start_group0(start_group0), .start_group1(start_group1),
        .groups0(groups0), .groups1(groups1), .free(free), .idle(idle)
    );

    // ---- compute vectors
    wire [CVS-1:0]            p_valid, p_ready, p_write, p_rvalid;
    wire [CVS*(ADDR_W-5)-1:0] p_line;
    wire [CVS*256-1:0]        p_wdata;
    wire [CVS*32-1:0]         p_wstrb;
    genvar g;
    generate
        for (g = 0; g < CVS; g = g + 1) begin : g_cv
            axgen_fgpu_cv #(
                .CV(g), .DOT4(DOT4), .SLOTS(SLOTS), .LINES(LINES), .LOCAL_BYTES(LOCAL_BYTES), .ADDR_W(ADDR_W), .PC_W(PC_W)
            ) u_cv (
                .clk(clk), .rst(rst), .flush(flush), .start(start[g]), .start_pc(start_pc),
                .start_group0(start_group0), .start_group1(start_group1), .groups0(groups0), .groups1(groups1),
                .free(free[g]), .idle(idle[g]), .code_addr(cv_code[g*PC_W +: PC_W]), .code_word(code_word),
                .desc_index(cv_desc[4*g +: 4]), .desc_word(desc_word),
                .p_valid(p_valid[g]), .p_ready(p_ready[g]), .p_write(p_write[g]),
                .p_line(p_line[g*(ADDR_W-5) +: ADDR_W-5]), .p_wdata(p_wdata[256*g +: 256]),
                .p_wstrb(p_wstrb[32*g +: 32]), .p_rvalid(p_rvalid[g]), .p_rdata(r_data)
            );
        end
    endgenerate

    axgen_fgpu_arbiter #(.N(CVS), .ADDR_W(ADDR_W)) u_arbiter (
        .clk(clk), .rst(rst), .s_valid(p_valid), .s_ready(p_ready), .s_write(p_write), .s_line(p_line),
        .s_wdata(p_wdata), .s_wstrb(p_wstrb), .s_rvalid(p_rvalid),
        .m_valid(m_valid), .m_ready(m_ready), .m_write(m_write), .m_addr(m_addr), .m_id(m_id), .m_wdata(m_wdata),
        .m_wstrb(m_wstrb), .r_valid(r_valid), .r_id(r_id)
    );

endmodule

`default_nettype wire
