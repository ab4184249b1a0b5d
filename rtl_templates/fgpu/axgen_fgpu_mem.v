// SPDX-License-Identifier: Apache-2.0
//
// axgen_fgpu_mem: memory unit of a compute vector: coalescing, cache, scratchpad.
//
// Function    Takes the 8 accesses of one phase (a beat); all that fall into the same line of 32 bytes are served together,
//             lowest PE first. Global loads go through a direct-mapped cache of LINES lines; a miss reads an aligned burst
//             of 4 lines. Global stores go to the port, bytes by their strobes, and drop the line from the cache. `.l`
//             accesses go to the scratchpad, LOCAL_BYTES / SLOTS bytes a wavefront. Everything in order. `flush` empties
//             the cache (only while idle): a line counts if it has the generation that the flushes count up; before
//             the first generation comes again, and after reset, LINES cycles without room clear all lines.
// Latency     a hit is written to its register 4 cycles after its beat at the earliest; a miss takes 5 cycles more than
//             the port's answer.
// Throughput  one line per cycle.
// Handshake   in_valid: a beat, for which the issuer reserved room (`reserve`: 8 beats, only while `room`). Results go out
//             on w_* when w_ready; w_done with the last beat of an access that the wavefront waits for. Port: valid and
//             ready as in AXI4-Stream: p_valid waits for nothing and, once shown, a request stays with all its fields until
//             it is taken. The 4 reads of a burst follow one another without a gap in p_valid. Answers to reads come in
//             order, one line each, no sooner than the cycle after their request was taken, and are taken at once.
// Legal       SLOTS a power of two, 2..16; LINES a power of two, 8..4096; LOCAL_BYTES a power of two, 64*SLOTS..65536;
//             ADDR_W 13..32; fewer lines in cache and scratchpad than in the memory.
`default_nettype none
`include "fgpu_isa.vh"

module axgen_fgpu_mem #(
    parameter SLOTS       = 8,
    parameter LINES       = 256,
    parameter LOCAL_BYTES = 4096,
    parameter ADDR_W      = 24,
    parameter SLOT_W      = $clog2(SLOTS)
) (
    input  wire               clk,
    input  wire               rst,
    input  wire               flush,
    output wire               idle,
    output wire               room,
    input  wire               reserve,
    input  wire               in_valid,
    input  wire [5:0]         in_op,
    input  wire               in_local,
    input  wire               in_wait,
    input  wire [SLOT_W-1:0]  in_slot,
    input  wire [2:0]         in_phase,
    input  wire [4:0]         in_rd,
    input  wire [7:0]         in_mask,
    input  wire [8*ADDR_W-1:0] in_addr,
    input  wire [255:0]       in_data,
    // loads to the registers
    output wire               w_valid,
    input  wire               w_ready,
    output wire [SLOT_W-1:0]  w_slot,
    output wire [2:0]         w_phase,
    output wire [4:0]         w_rd,
    output wire [7:0]         w_mask,
    output wire [255:0]       w_data,
    output wire               w_done,
    // global memory
    output wire               p_valid,
    input  wire               p_ready,
    output wire               p_write,
    output wire [ADDR_W-6:0]  p_line,
    output wire [255:0]       p_wdata,
    output wire [31:0]        p_wstrb,
    input  wire               p_rvalid,
    input  wire [255:0]       p_rdata
);

    localparam INDEX_W  = $clog2(LINES);
    localparam LINE_W   = ADDR_W - 5;
    localparam TAG_W    = LINE_W - INDEX_W;
    localparam LOCALS   = LOCAL_BYTES / 32;
    localparam LOCAL_W  = $clog2(LOCALS);
    localparam WINDOW_W = LOCAL_W - SLOT_W;      // of a wavefront's lines

    generate
        if (SLOTS < 2 || SLOTS > 16 || SLOTS != 1 << SLOT_W || LINES < 8 || LINES > 4096 || LINES != 1 << INDEX_W ||
            LOCAL_BYTES < 64*SLOTS || LOCAL_BYTES > 65536 || LOCALS != 1 << LOCAL_W || ADDR_W < 13 || ADDR_W > 32 ||
            TAG_W < 1 || LINE_W < LOCAL_W) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_fgpu_mem illegal ();
        end
    endgenerate

    // ---- queue of beats, and room for whole instructions
    localparam META_W = 6 + 1 + 1 + SLOT_W + 3 + 5 + 8;
    localparam BEAT_W = META_W + 8*ADDR_W + 256;
    wire              h_valid, h_take;
    wire [BEAT_W-1:0] h;
    wire              unused_ready;
    axgen_fifo #(.WIDTH(BEAT_W), .DEPTH(16)) u_queue (
        .clk(clk), .rst(rst), .s_valid(in_valid), .s_ready(unused_ready),
        .s_data({in_op, in_local, in_wait, in_slot, in_phase, in_rd, in_mask, in_addr, in_data}),
        .m_valid(h_valid), .m_ready(h_take), .m_data(h)
    );
    wire [5:0]          op;
    wire                local_, wait_;
    wire [SLOT_W-1:0]   slot;
    wire [2:0]          phase;
    wire [4:0]          rd;
    wire [7:0]          mask;
    wire [8*ADDR_W-1:0] addr;
    wire [255:0]        data;
    assign {op, local_, wait_, slot, phase, rd, mask, addr, data} = h;
    wire is_store = (op >= `FGPU_SB);

    reg [4:0] left;
    reg       clearing;
    assign room = (left >= 5'd8) && !clearing;
    always @(posedge clk)
        if (rst)
            left <= 5'd16;
        else
            left <= left + {4'd0, h_take && h_valid} - (reserve ? 5'd8 : 5'd0);

    // ---- M0: one line of the beat
    reg  [7:0]        served;
    wire [7:0]        rest = mask & ~served;
    wire [8*LINE_W-1:0] lines;
    genvar              g;
    generate
        for (g = 0; g < 8; g = g + 1) begin : g_line
            wire [LINE_W-1:0] global_line = addr[g*ADDR_W+5 +: LINE_W];
            reg  [LINE_W-1:0] local_line;          // in the wavefront's window
            always @* begin
                local_line = {LINE_W{1'b0}};
                local_line[LOCAL_W-1:0] = {slot, global_line[WINDOW_W-1:0]};
            end
            assign lines[g*LINE_W +: LINE_W] = local_ ? local_line : global_line;
        end
    endgenerate
    reg  [LINE_W-1:0]   lead;
    reg  [7:0]          match;
    integer             i;
    always @* begin
        lead = lines[LINE_W-1:0];
        for (i = 7; i >= 0; i = i - 1)
            if (rest[i])
                lead = lines[i*LINE_W +: LINE_W];
        for (i = 0; i < 8; i = i + 1)
            match[i] = rest[i] && (lines[i*LINE_W +: LINE_W] == lead);
    end
    wire last = ((rest & ~match) == 8'd0);         // with this line the beat is done
    wire none = (mask == 8'd0);

    // what a store writes; where PEs meet, the highest wins
    wire [255:0] st_data, st_word;                 // st_word: each PE's value, repeated to fill a word
    wire [31:0]  st_strb, st_lane;                 // st_lane: the bytes that it writes of its word
    wire [63:0]  st_at;                            // by word of the line: the PEs that write into it
    generate
        for (g = 0; g < 8; g = g + 1) begin : g_word
            wire [31:0] value = is_store ? data[32*g +: 32] : 32'd0;
            wire [1:0]  at    = addr[g*ADDR_W +: 2];
            assign st_word[32*g +: 32] = (op == `FGPU_SB) ? {4{value[7:0]}} : (op == `FGPU_SH) ? {2{value[15:0]}} : value;
            assign st_lane[4*g +: 4] = (op == `FGPU_SB) ? 4'b0001 << at : (op == `FGPU_SH) ? {{2{at[1]}}, {2{!at[1]}}} : 4'hf;
        end
        for (g = 0; g < 64; g = g + 1) begin : g_at
            localparam [31:0] WORD = g / 8;
            assign st_at[g] = is_store && match[g%8] && (addr[(g%8)*ADDR_W+2 +: 3] == WORD[2:0]);
        end
        for (g = 0; g < 32; g = g + 1) begin : g_byte
            reg [7:0] value;
            reg       written;
            integer   p;
            always @* begin
                value   = 8'd0;
                written = 1'b0;
                for (p = 0; p < 8; p = p + 1)
                    if (st_at[8*(g/4) + p] && st_lane[4*p + g%4]) begin
                        value   = st_word[32*p + 8*(g%4) +: 8];
                        written = 1'b1;
                    end
            end
            assign st_data[8*g +: 8] = value;
            assign st_strb[g] = written;
        end
    endgenerate

    // ---- M0 addresses cache and scratchpad with its line; what they hold is there in M1
    wire               step;                       // the results can take a line
    reg                m_valid, m_last, m_none, m_local, m_store, m_done;
    reg  [LINE_W-1:0]  m_lead;
    wire               m_go;                       // M1's line is served
    wire               go    = h_valid && (!m_valid || m_go);
    wire               look  = go && !none && !local_;
    wire [INDEX_W-1:0] index = lead[INDEX_W-1:0], m_index = m_lead[INDEX_W-1:0];
    wire [TAG_W-1:0]   m_tag = m_lead[LINE_W-1:INDEX_W];
    assign h_take = go && last;

    // ---- cache
    localparam GEN_W = 6;
    reg  [GEN_W-1:0]   generation;                 // of the lines that count; 0: of none
    reg  [INDEX_W-1:0] clear_index;
    wire               last_gen = &generation;
    always @(posedge clk)
        if (rst || (flush && last_gen)) begin
            generation  <= {{GEN_W-1{1'b0}}, 1'b1};
            clearing    <= 1'b1;
            clear_index <= {INDEX_W{1'b0}};
        end else begin
            if (flush)
                generation <= generation + 1'b1;
            clear_index <= clear_index + 1'b1;
            if (&clear_index)
                clearing <= 1'b0;
        end

    reg                filling, again;             // again: the burst has come, M1's line is read once more
    reg  [2:0]         asked, got;                 // lines of the burst
    reg                m_stale;                    // what M0 read was dropped in that cycle
    wire               fill = filling && p_rvalid;
    wire               drop;
    wire [GEN_W-1:0]   line_gen;
    wire [TAG_W-1:0]   line_tag;
    wire [255:0]       cached;
    wire               m_hit = (line_gen == generation) && (line_tag == m_tag) && !m_stale;
    wire [INDEX_W-1:0] fill_index = {m_index[INDEX_W-1:2], got[1:0]};
    wire [INDEX_W-1:0] read_index = again ? m_index : index;
    axgen_ram #(.WIDTH(GEN_W+TAG_W), .DEPTH(LINES)) u_tag (
        .clk(clk), .we(clearing || fill || drop), .waddr(clearing ? clear_index : fill ? fill_index : m_index),
        .wdata({fill ? generation : {GEN_W{1'b0}}, m_tag}),
        .re(look || again), .raddr(read_index), .rdata({line_gen, line_tag})
    );
    axgen_ram #(.WIDTH(256), .DEPTH(LINES)) u_line (
        .clk(clk), .we(fill), .waddr(fill_index), .wdata(p_rdata),
        .re((look && !is_store) || again), .raddr(read_index), .rdata(cached)
    );

    // ---- scratchpad
    wire [255:0] pad;
    axgen_ram_sp #(.WIDTH(256), .LANE_W(8), .DEPTH(LOCALS)) u_pad (
        .clk(clk), .en(go && local_), .we(st_strb), .addr(lead[LOCAL_W-1:0]), .wdata(st_data), .rdata(pad)
    );

    // ---- M1: hit or miss, the port; the lanes take their parts of the line
    reg  [5:0]        m_op;
    reg  [SLOT_W-1:0] m_slot;
    reg  [2:0]        m_phase;
    reg  [4:0]        m_rd;
    reg  [7:0]        m_match, m_mask;
    reg  [39:0]       m_at;
    reg  [255:0]      m_wdata;
    reg  [31:0]       m_wstrb;
    wire [255:0]      m_line   = m_local ? pad : cached;
    wire              m_global = m_valid && !m_none && !m_local;
    wire              m_load   = m_global && !m_store;
    wire              waits    = filling || again;
    // A store shows its line at once and keeps it there; if it is taken before the results can follow, `sent` remembers.
    reg               sent;
    wire              port_st = m_global && m_store && !sent;
    wire              settled = !m_global || (m_store ? sent || p_ready : m_hit);
    assign m_go    = m_valid && step && !waits && settled;
    assign drop    = m_go && m_global && m_store && m_hit;
    assign p_valid = filling ? (asked != 3'd4) : port_st;
    assign p_write = !filling;
    assign p_line  = filling ? {m_lead[LINE_W-1:2], asked[1:0]} : m_lead;
    assign p_wdata = m_wdata;
    assign p_wstrb = m_wstrb;

    always @(posedge clk) begin
        if (rst) begin
            served  <= 8'd0;
            m_valid <= 1'b0;
            sent    <= 1'b0;
            filling <= 1'b0;
            again   <= 1'b0;
            asked   <= 3'd0;
            got     <= 3'd0;
        end else begin
            if (go)
                served <= last ? 8'd0 : served | match;
            if (go || m_go)
                m_valid <= go;
            if (m_go)
                sent <= 1'b0;
            else if (port_st && p_ready)
                sent <= 1'b1;
            if (m_load && !m_hit && !waits) begin
                filling <= 1'b1;
                asked   <= 3'd0;
                got     <= 3'd0;
            end
            if (filling && p_valid && p_ready)
                asked <= asked + 3'd1;
            if (fill)
                got <= got + 3'd1;
            again <= fill && (got == 3'd3);
            if (fill && got == 3'd3)
                filling <= 1'b0;
        end
    end

    integer k;
    always @(posedge clk) begin
        if (go) begin
            m_last  <= last;
            m_none  <= none;
            m_local <= local_;
            m_store <= is_store;
            m_done  <= wait_ && last && (phase == 3'd7);
            m_op    <= op;
            m_slot  <= slot;
            m_phase <= phase;
            m_rd    <= rd;
            m_match <= match;
            m_mask  <= mask;
            m_lead  <= lead;
            m_wdata <= st_data;
            m_wstrb <= st_strb;
            for (k = 0; k < 8; k = k + 1)
                m_at[5*k +: 5] <= addr[k*ADDR_W +: 5];
        end
        if (go || again)
            m_stale <= go && drop && (index == m_index);
    end

    // ---- results, until the registers' port is free
    reg               o_valid, o_write, o_done;
    reg  [SLOT_W-1:0] o_slot;
    reg  [2:0]        o_phase;
    reg  [4:0]        o_rd;
    reg  [7:0]        o_mask;
    reg  [255:0]      o_data;
    assign step = !(o_valid && o_write && !w_ready);
    function [31:0] part_of(input [31:0] word, input [1:0] from, input [5:0] kind);
        reg [15:0] half;
        reg [7:0]  one;
        begin
            half = from[1] ? word[31:16] : word[15:0];
            one  = from[0] ? half[15:8] : half[7:0];
            case (kind)
                `FGPU_LW:  part_of = word;
                `FGPU_LHU: part_of = {16'd0, half};
                `FGPU_LH:  part_of = {{16{half[15]}}, half};
                `FGPU_LBU: part_of = {24'd0, one};
                default:   part_of = {{24{one[7]}}, one};
            endcase
        end
    endfunction
    integer n;
    always @(posedge clk)
        if (rst)
            o_valid <= 1'b0;
        else if (step) begin
            o_valid <= m_go && m_last;
            o_write <= !m_store && (m_mask != 8'd0) && (m_rd != 5'd0);
            o_done  <= m_done;
            o_slot  <= m_slot;
            o_phase <= m_phase;
            o_rd    <= m_rd;
            o_mask  <= m_mask;
            for (n = 0; n < 8; n = n + 1)
                if (m_go && m_match[n])
                    o_data[32*n +: 32] <= part_of(m_line[{m_at[5*n+2 +: 3], 5'd0} +: 32], m_at[5*n +: 2], m_op);
        end
    assign w_valid = o_valid && o_write;
    assign w_slot  = o_slot;
    assign w_phase = o_phase;
    assign w_rd    = o_rd;
    assign w_mask  = o_mask;
    assign w_data  = o_data;
    assign w_done  = o_valid && o_done && step;

    assign idle = (left == 5'd16) && !m_valid && !o_valid;

    wire unused = &{1'b0, unused_ready};

endmodule

`default_nettype wire
