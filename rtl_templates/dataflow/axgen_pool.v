// SPDX-License-Identifier: Apache-2.0
//
// axgen_pool: pooling with stride = window and no padding, on the stream, with one row of partial results.
//
// Function    Takes images of H x W pixels of C channels, WCH codes a beat, and gives (H/KH) x (W/KW) pixels of C channels, WCH
//             values of ACC_W bits a beat: the maximum over each KH x KW window, or OFFSET and the sum over it. Rows and columns at
//             the bottom and right that do not fill a window are taken and dropped. Average pooling: SUM, then axgen_requant (NF = C/WCH).
// Latency     2 cycles from the beat that completes a window (partial result read, result).
// Throughput  one beat in per cycle; an image takes H*W*C/WCH cycles.
// Handshake   valid/ready; s_ready is combinational from m_ready (only while a finished window waits).
// Legal       sizes >= 1; WCH divides C; KH <= H, KW <= W; CODE_SIGNED 0 or 1; OP "MAX" with ACC_W = CODE_W, or "SUM" with
//             ACC_W >= CODE_W + clog2(KH*KW) (sums wrap modulo 2^ACC_W; with unsigned codes and OFFSET = 0 they are unsigned).
`default_nettype none

module axgen_pool #(
    parameter CODE_W               = 8,
    parameter CODE_SIGNED          = 1,
    parameter C                    = 1,
    parameter WCH                  = 1,
    parameter H                    = 28,
    parameter W                    = 28,
    parameter KH                   = 2,
    parameter KW                   = 2,
    parameter OP                   = "MAX",
    parameter ACC_W                = 8,
    parameter signed [47:0] OFFSET = 0
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire                  s_valid,
    output wire                  s_ready,
    input  wire [WCH*CODE_W-1:0] s_data,
    output wire                  m_valid,
    input  wire                  m_ready,
    output wire [WCH*ACC_W-1:0]  m_data
);

    localparam OH     = H / KH;
    localparam OW     = W / KW;
    localparam GROUPS = C / WCH;
    localparam DEPTH  = (KH == 1) ? GROUPS : OW * GROUPS;       // with KH = 1 one window at a time is open
    localparam ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1;
    localparam X_W    = (W > 1) ? $clog2(W) : 1;
    localparam Y_W    = (H > 1) ? $clog2(H) : 1;
    localparam [31:0] X_USED = OW * KW;
    localparam [31:0] Y_USED = OH * KH;
    localparam [31:0] BACK   = GROUPS - 1;

    generate
        if (CODE_W < 1 || C < 1 || WCH < 1 || C % WCH != 0 || KH < 1 || KW < 1 || H < KH || W < KW) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_pool illegal ();
        end else if (OP == "SUM" && ACC_W < CODE_W + $clog2(KH * KW)) begin : g_illegal_width
            ILLEGAL_PARAMETER_axgen_pool_ACC_W illegal ();
        end
    endgenerate

    // ---- where the coming beat belongs ------------------------
    wire take = s_valid && s_ready;
    wire group_last, x_last, y_last;
    wire [X_W-1:0] x;
    wire [Y_W-1:0] y;
    wire pixel_end = take && group_last;
    wire row_end   = pixel_end && x_last;
    wire kx_first, kx_last, ky_first, ky_last;
    wire used = ({1'b0, x} < X_USED[X_W:0]) && ({1'b0, y} < Y_USED[Y_W:0]);

    axgen_count_last #(.N(GROUPS)) u_group (.clk(clk), .rst(rst), .en(take),      .last(group_last));
    axgen_count #(.N(W))      u_x     (.clk(clk), .rst(rst), .en(pixel_end), .value(x), .last(x_last));
    axgen_count #(.N(H))      u_y     (.clk(clk), .rst(rst), .en(row_end),   .value(y), .last(y_last));

    // taps start again at the end of a row (column), whether or not it holds whole windows
    axgen_tap #(.N(KW)) u_kx (
        .clk(clk), .rst(rst || row_end), .en(pixel_end), .first(kx_first), .last(kx_last)
    );
    axgen_tap #(.N(KH)) u_ky (
        .clk(clk), .rst(rst || (row_end && y_last)), .en(row_end), .first(ky_first), .last(ky_last)
    );

    reg  [ADDR_W-1:0] at;                                       // of the partial result
    wire [ADDR_W-1:0] at_back = at - BACK[ADDR_W-1:0];          // the same window's first channel group
    always @(posedge clk)
        if (rst || row_end)
            at <= {ADDR_W{1'b0}};
        else if (take)
            at <= (group_last && (!kx_last || KH == 1)) ? at_back : at + 1'b1;

    // ---- stage 1: the beat and the partial result it adds to ------------------------
    reg                   open, open_first, open_last, open_bypass;
    reg  [WCH*CODE_W-1:0] open_code;
    reg  [ADDR_W-1:0]     open_at;
    // ---- stage 2: the result
    reg                   out_valid;
    reg  [WCH*ACC_W-1:0]  out;
    wire [WCH*ACC_W-1:0]  open_part, part, result;
    wire                  out_free = !out_valid || m_ready;
    wire                  step     = open && (out_free || !open_last);

    assign s_ready = !open || step;
    assign m_valid = out_valid;
    assign m_data  = out;

    axgen_ram #(.WIDTH(WCH*ACC_W), .DEPTH(DEPTH)) u_part (
        .clk(clk), .we(step && !open_last), .waddr(open_at), .wdata(result), .re(take), .raddr(at),
        .rdata(open_part)
    );
    axgen_pool_op #(.CODE_W(CODE_W), .CODE_SIGNED(CODE_SIGNED), .WCH(WCH), .OP(OP), .ACC_W(ACC_W), .OFFSET(OFFSET)) u_op (
        .first(open_first), .s_acc(part), .code(open_code), .m_acc(result)
    );

    generate
        if (GROUPS == 1) begin : g_bypass                       // a beat may follow the one whose result it needs at once
            reg [WCH*ACC_W-1:0] previous;
            always @(posedge clk)
                if (step)
                    previous <= result;
            assign part = open_bypass ? previous : open_part;
        end else begin : g_memory
            wire unused = &{1'b0, open_bypass};
            assign part = open_part;
        end
    endgenerate

    always @(posedge clk) begin
        if (rst) begin
            open      <= 1'b0;
            out_valid <= 1'b0;
        end else begin
            if (s_ready)
                open <= s_valid && used;
            if (out_free)
                out_valid <= step && open_last;
        end
        if (take) begin
            open_first  <= kx_first && ky_first;
            open_last   <= kx_last && ky_last;
            open_bypass <= open && (open_at == at);
            open_code   <= s_data;
            open_at     <= at;
        end
        if (step && open_last)
            out <= result;
    end

endmodule

`default_nettype wire
