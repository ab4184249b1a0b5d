// SPDX-License-Identifier: Apache-2.0
//
// axgen_window: window generator (line buffer) of a convolution, dense or overlapping pooling layer.
//
// Function    Takes images of H x W pixels of C channels, WCH codes a beat (raster order, channels fastest), pads them with
//             PAD_CODE by PT/PB/PL/PR, and gives for every output pixel (raster order) its KH x KW x C window REPEAT times in
//             a row. A word is a block of TH x TW taps x G channels; lane (i*TW + j)*G + c holds row i, column j, channel c
//             of the block. The words of a window come ky block outermost, then kx block, then channel block; a frame
//             (m_first .. m_last) is one pass over them, SF = (KH/TH)*(KW/TW)*(C/G) words.
//             GROUPS > 1: the channels are so many groups, one after the other: a frame is one pass over a group's channels,
//             SF/GROUPS words, and comes REPEAT times before the next group's. (Grouped convolution: its groups, or as many
//             as are not side by side in a word. Pooling: GROUPS = C/G, one frame for each block of channels.) m_end marks the
//             last word of the last repeat of the last window of an image. Dense layers: KH = H, KW = W.
//             HOLD > 1: the windows of a block of HOLD neighbouring output pixels (fewer at the end of a row: what OW leaves)
//             are read together: each word of the orders above stands for the words of the block's pixels, one after the
//             other, and m_first, m_last belong to all of them. m_next marks the block's last pixel: the next word is another
//             one of the window, and meets other weights. HOLD = 1: always.
//
//             ROWS padded rows live in a ring of row slots in TH x TW banks (bank: slot mod TH, column mod TW), so that any
//             block is one read of every bank, turned into lane order by a rotation network. Repeats read the banks again.
//             Rows of padding own slots that are skipped, not written; padded taps are replaced on reading. The writer runs
//             ahead over image boundaries: it stalls while its row's slot is in use, nothing else. An output row is read when
//             its KH rows are complete and its image's first row has come (a window of padding alone, PT >= KH, waits for
//             that); then SH rows are freed (after the last: all that are left of the image).
// Latency     a window's first word leaves 2 cycles after the beat that completes the KH-th row it needs.
// Throughput  one beat in and one word out per cycle; an image takes max(H*W*C/WCH, OH*OW*REPEAT*SF) cycles, without a
//             bubble between images, when ROWS >= 2*KH + SH (OH = 1: H + PT + PB + KH), PT + PB < KH and the input does not
//             stall; with higher pads, ROWS >= 2*KH + SH + PT + PB. ROWS >= KH and > PT is enough to work (with ROWS = KH
//             reading and writing alternate).
// Handshake   valid/ready. s_ready depends on registers only; m_valid and the choice of words too. The lanes pass the
//             rotation network behind the read registers: register them (axgen_mvu_front does).
// Legal       sizes >= 1, pads >= 0; WCH divides C, G divides WCH, G*GROUPS divides C, TH divides KH, TW divides KW; ROWS a multiple of TH, >= KH
//             and > PT; H + PT + PB >= KH;
//             W + PL + PR >= KW. HOLD 1..OW. PAD_CODE: its low CODE_W bits count.
`default_nettype none

module axgen_window #(
    parameter CODE_W        = 8,
    parameter C             = 1,
    parameter H             = 28,
    parameter W             = 28,
    parameter KH            = 5,
    parameter KW            = 5,
    parameter SH            = 1,
    parameter SW            = 1,
    parameter PT            = 2,
    parameter PB            = 2,
    parameter PL            = 2,
    parameter PR            = 2,
    parameter G             = 1,
    parameter TH            = 1,
    parameter TW            = 1,
    parameter WCH           = 1,
    parameter ROWS          = 11,
    parameter REPEAT        = 1,
    parameter HOLD          = 1,
    parameter PAD_CODE      = 0,
    parameter GROUPS        = 1
) (
    input  wire                      clk,
    input  wire                      rst,
    input  wire                      s_valid,
    output wire                      s_ready,
    input  wire [WCH*CODE_W-1:0]     s_data,
    output wire                      m_valid,
    input  wire                      m_ready,
    output wire [TH*TW*G*CODE_W-1:0] m_data,
    output wire                      m_first,
    output wire                      m_last,
    output wire                      m_next,
    output wire                      m_end
);

    // ---- sizes -------------------------------------------------------------------------------------------------------------
    localparam HP      = H + PT + PB;
    localparam WP      = W + PL + PR;
    localparam OH      = (HP - KH) / SH + 1;
    localparam OW      = (WP - KW) / SW + 1;
    localparam BLOCKS  = (OW + HOLD - 1) / HOLD;                // blocks of output pixels in a row
    localparam SHORT   = OW - (BLOCKS - 1) * HOLD;              // ... pixels of the last one
    localparam REST    = HP - (OH - 1) * SH;                    // rows freed after an image's last output row
    localparam NKY     = KH / TH;                               // blocks of a window
    localparam NKX     = KW / TW;
    localparam WORDS   = C / WCH;                               // memory words of a pixel
    localparam SUBS    = WCH / G;                               // channel blocks of a memory word
    localparam CBLOCKS = C / G / GROUPS;                        // ... of a group
    localparam COLS    = (W + TW - 1) / TW;                     // columns of a row in one bank
    localparam STRIDE  = COLS * WORDS;                          // memory words of a row in one bank
    localparam RING    = ROWS / TH;                             // rows of a bank
    localparam DEPTH   = RING * STRIDE;
    localparam ADDR_W  = (DEPTH > 1) ? $clog2(DEPTH) : 1;
    localparam WORD_W  = WCH * CODE_W;
    localparam LANES_W = G * CODE_W;                            // the lanes of one tap
    localparam PHASE_Y_W = (TH > 1) ? $clog2(TH) : 1;
    localparam PHASE_X_W = (TW > 1) ? $clog2(TW) : 1;
    localparam SUB_W   = (SUBS > 1) ? $clog2(SUBS) : 1;
    localparam [31:0] PAD_32    = PAD_CODE;
    localparam [31:0] WORDS_32  = WORDS;
    localparam [31:0] STRIDE_32 = STRIDE;

    generate
        if (CODE_W < 1 || C < 1 || H < 1 || W < 1 || KH < 1 || KW < 1 || SH < 1 || SW < 1 || REPEAT < 1
                || PT < 0 || PB < 0 || PL < 0 || PR < 0 || GROUPS < 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_window illegal ();
        end
        if (HOLD < 1 || HOLD > OW) begin : g_illegal_hold
            ILLEGAL_PARAMETER_axgen_window_HOLD illegal ();
        end
        if (HP < KH || WP < KW) begin : g_illegal_size
            ILLEGAL_PARAMETER_axgen_window_smaller_than_kernel illegal ();
        end
        if (G < 1 || TH < 1 || TW < 1 || WCH < 1 || C % WCH != 0 || WCH % G != 0 || C % (G * GROUPS) != 0
                || KH % TH != 0 || KW % TW != 0) begin : g_illegal_folding
            ILLEGAL_PARAMETER_axgen_window_folding illegal ();
        end
        if (ROWS < KH || ROWS <= PT || ROWS % TH != 0) begin : g_illegal_rows
            ILLEGAL_PARAMETER_axgen_window_ROWS illegal ();
        end
    endgenerate

    // ---- rows in the buffer: complete padded rows from the reader's first one on (negative: rows freed before they came) ------------------------
    localparam AHEAD_MAX = ROWS + PB + PT;
    localparam AHEAD_MIN = (REST > SH) ? REST : SH;
    localparam AHEAD_W   = $clog2(((AHEAD_MAX > AHEAD_MIN) ? AHEAD_MAX : AHEAD_MIN) + 1) + 1;
    localparam [31:0] AHEAD_0 = PT;
    localparam [31:0] KH_32   = KH;
    localparam [31:0] ROWS_32 = ROWS;
    localparam [31:0] SKIP_32 = 1 + PB + PT;                    // an image's last row and the padding up to the next image
    localparam [31:0] SH_32   = SH;
    localparam [31:0] REST_32 = REST;

    reg  signed [AHEAD_W-1:0] ahead;
    wire w_row, w_image;                                        // writer: a row, an image is complete
    wire r_row, r_image;                                        // reader: an output row, an image is done
    wire [AHEAD_W-1:0] come = !w_row ? {AHEAD_W{1'b0}} : w_image ? SKIP_32[AHEAD_W-1:0] : {{(AHEAD_W-1){1'b0}}, 1'b1};
    wire [AHEAD_W-1:0] gone = !r_row ? {AHEAD_W{1'b0}} : r_image ? REST_32[AHEAD_W-1:0] : SH_32[AHEAD_W-1:0];
    wire begun;                                                 // the reader's image has at least one row
    wire go = (ahead >= $signed(KH_32[AHEAD_W-1:0])) && begun;

    always @(posedge clk)
        if (rst)
            ahead <= $signed(AHEAD_0[AHEAD_W-1:0]);
        else
            ahead <= ahead + $signed(come) - $signed(gone);

    generate
        if (PT < KH) begin : g_begun                            // then KH rows hold one of the image
            assign begun = 1'b1;
        end else begin : g_begun_count
            // images that have begun, from the reader's on; a ring of ROWS rows holds parts of so many at most
            localparam MOST    = AHEAD_MAX / HP + 2;
            localparam COUNT_W = $clog2(MOST + 1);
            reg  [COUNT_W-1:0] images;
            reg                w_y_first;
            wire               w_first_row = w_row && w_y_first;
            assign begun = (images != {COUNT_W{1'b0}});
            always @(posedge clk)
                if (rst) begin
                    images    <= {COUNT_W{1'b0}};
                    w_y_first <= 1'b1;
                end else begin
                    if (w_row)
                        w_y_first <= w_y_last;
                    if (w_first_row && !r_image)
                        images <= images + 1'b1;
                    else if (r_image && !w_first_row)
                        images <= images - 1'b1;
                end
        end
    endgenerate

    // ---- writer ------------------------------------------------------------------------------------------------------------
    wire w_en = s_valid && s_ready;
    wire w_word_last, w_x_last, w_y_last;
    wire w_pixel = w_en && w_word_last;
    assign s_ready = (ahead < $signed(ROWS_32[AHEAD_W-1:0]));
    assign w_row   = w_pixel && w_x_last;
    assign w_image = w_row && w_y_last;

    axgen_count_last #(.N(WORDS)) u_w_word (.clk(clk), .rst(rst), .en(w_en),    .last(w_word_last));
    axgen_count_last #(.N(W))     u_w_x    (.clk(clk), .rst(rst), .en(w_pixel), .last(w_x_last));
    axgen_count_last #(.N(H))     u_w_y    (.clk(clk), .rst(rst), .en(w_row),   .last(w_y_last));

    wire [PHASE_Y_W-1:0] w_phase_y;
    wire [PHASE_X_W-1:0] w_phase_x;
    wire [ADDR_W-1:0]    w_base_next, unused_base;
    axgen_row_ring #(
        .TH(TH), .GROUPS(RING), .STRIDE(STRIDE), .START(PT), .STEP(1), .LAST_STEP(1 + PB + PT), .ADDR_W(ADDR_W)
    ) u_w_ring (
        .clk(clk), .rst(rst), .en(w_row), .last(w_y_last), .phase(w_phase_y), .base(unused_base), .base_next(w_base_next)
    );

    localparam [31:0] W_START = (PT % ROWS) / TH * STRIDE;
    reg  [ADDR_W-1:0] waddr;
    wire w_same_column;                                         // the next pixel has this one's column address (other bank)
    wire [ADDR_W-1:0] waddr_back = waddr - WORDS_32[ADDR_W-1:0];
    always @(posedge clk)
        if (rst)
            waddr <= W_START[ADDR_W-1:0];
        else if (w_row)
            waddr <= w_base_next;
        else if (w_en)
            waddr <= ((w_pixel && w_same_column) ? waddr_back : waddr) + 1'b1;

    generate
        if (TW == 1) begin : g_w_one_column
            assign w_phase_x     = 1'b0;
            assign w_same_column = 1'b0;
        end else begin : g_w_columns
            localparam [31:0] LAST = TW - 1;
            reg [PHASE_X_W-1:0] now;
            assign w_phase_x     = now;
            assign w_same_column = (now != LAST[PHASE_X_W-1:0]);
            always @(posedge clk)
                if (rst || w_row)
                    now <= {PHASE_X_W{1'b0}};
                else if (w_pixel)
                    now <= w_same_column ? now + 1'b1 : {PHASE_X_W{1'b0}};
        end
    endgenerate

    // ---- reader: the loop nest ---------------------------------------------------------------------------------------------
    reg  valid;
    wire free = !valid || m_ready;                              // the read registers can take a word
    wire en   = go && free;                                     // ... and do
    wire pixel_last, cblock_last, kx_last, ky_last, repeat_last, group_last, block_last, oy_last;
    wire tap_step   = en && pixel_last;                         // all pixels of the block have had this word
    wire kx_step    = tap_step && cblock_last;
    wire ky_step    = kx_step && kx_last;
    wire frame_last = cblock_last && kx_last && ky_last;
    wire frame_end  = tap_step && frame_last;
    wire group_end  = frame_end && repeat_last;
    wire block_end  = group_end && group_last;
    assign r_row   = block_end && block_last;
    assign r_image = r_row && oy_last;

    axgen_count_last #(.N(CBLOCKS)) u_cblock (.clk(clk), .rst(rst), .en(tap_step),  .last(cblock_last));
    axgen_count_last #(.N(NKX))    u_kx     (.clk(clk), .rst(rst), .en(kx_step),    .last(kx_last));
    axgen_count_last #(.N(NKY))    u_ky     (.clk(clk), .rst(rst), .en(ky_step),    .last(ky_last));
    axgen_count_last #(.N(REPEAT)) u_repeat (.clk(clk), .rst(rst), .en(frame_end),  .last(repeat_last));
    axgen_count_last #(.N(GROUPS)) u_group  (.clk(clk), .rst(rst), .en(group_end),  .last(group_last));
    axgen_count_last #(.N(BLOCKS)) u_block  (.clk(clk), .rst(rst), .en(block_end),  .last(block_last));
    axgen_count_last #(.N(OH))     u_oy     (.clk(clk), .rst(rst), .en(r_row),      .last(oy_last));

    generate
        if (SHORT == HOLD) begin : g_pixel
            axgen_count_last #(.N(HOLD)) u_pixel (.clk(clk), .rst(rst), .en(en), .last(pixel_last));
        end else begin : g_pixel_short
            localparam PIXEL_W = $clog2(HOLD);
            localparam [31:0] FULL_LAST  = HOLD - 1;
            localparam [31:0] SHORT_LAST = SHORT - 1;
            reg [PIXEL_W-1:0] pixel;
            assign pixel_last = (pixel == (block_last ? SHORT_LAST[PIXEL_W-1:0] : FULL_LAST[PIXEL_W-1:0]));
            always @(posedge clk)
                if (rst)
                    pixel <= {PIXEL_W{1'b0}};
                else if (en)
                    pixel <= pixel_last ? {PIXEL_W{1'b0}} : pixel + 1'b1;
        end
    endgenerate

    // ---- reader: the channel block's place in its memory word; a group need not begin with a word ------------------------
    wire [SUB_W-1:0] sub;
    wire             sub_last;

    generate
        if (GROUPS == 1 || CBLOCKS == 1 || SUBS == 1) begin : g_sub
            axgen_count #(.N(SUBS)) u_sub (
                .clk(clk), .rst(rst), .en((GROUPS == 1) ? tap_step : group_end), .value(sub), .last(sub_last)
            );
        end else begin : g_sub_groups
            localparam [31:0] LAST = SUBS - 1;
            reg  [SUB_W-1:0] now, first;                        // first: of the group
            wire [SUB_W-1:0] now_next = sub_last ? {SUB_W{1'b0}} : now + 1'b1;
            wire [SUB_W-1:0] first_next = group_end ? now_next : first;
            assign sub      = now;
            assign sub_last = (now == LAST[SUB_W-1:0]);
            always @(posedge clk)
                if (rst) begin
                    now   <= {SUB_W{1'b0}};
                    first <= {SUB_W{1'b0}};
                end else if (tap_step) begin
                    now   <= cblock_last ? first_next : now_next;
                    first <= first_next;
                end
        end
    endgenerate

    // ---- reader: row addresses of the block: row_0 for banks from phase_y on, row_1 (one group further) for those before ------------------------
    wire [PHASE_Y_W-1:0] phase_y;
    wire [ADDR_W-1:0]    row_base, row_base_next, row_0, row_1;
    axgen_row_ring #(
        .TH(TH), .GROUPS(RING), .STRIDE(STRIDE), .START(0), .STEP(SH), .LAST_STEP(REST), .ADDR_W(ADDR_W)
    ) u_r_ring (
        .clk(clk), .rst(rst), .en(r_row), .last(oy_last), .phase(phase_y), .base(row_base), .base_next(row_base_next)
    );

    localparam [31:0] TOP_GROUP = DEPTH - STRIDE;
    assign row_1 = (row_0 == TOP_GROUP[ADDR_W-1:0]) ? {ADDR_W{1'b0}} : row_0 + STRIDE_32[ADDR_W-1:0];

    generate
        if (NKY == 1) begin : g_row_fixed
            assign row_0 = row_base;
            wire unused = &{1'b0, row_base_next};
        end else begin : g_row
            reg [ADDR_W-1:0] now;
            assign row_0 = now;
            always @(posedge clk)
                if (rst)
                    now <= {ADDR_W{1'b0}};
                else if (r_row)
                    now <= row_base_next;
                else if (ky_step)
                    now <= ky_last ? row_base : row_1;
        end
    endgenerate

    // ---- reader: column addresses of the block, col_0 and col_1 likewise (those left of the image are negative, unused) ------------------------
    // A register for the block of pixels (its first one's window), for the word in it, and for the pixel: each steps by constants.
    localparam PHASE_X_0 = (TW - PL % TW) % TW;                 // real column -PL = TW * quotient + phase
    localparam [31:0] PHASE_X_0_32 = PHASE_X_0;
    localparam [31:0] COL_0_32  = 0 - (PL + PHASE_X_0) / TW * WORDS;  // (whether or not PL is signed)
    localparam [31:0] TW_32     = TW;
    wire [PHASE_X_W-1:0] block_phase, block_phase_next, phase_x;
    wire                 block_carry;

    generate
        if ((HOLD * SW) % TW == 0) begin : g_block_phase_fixed
            assign block_phase      = PHASE_X_0_32[PHASE_X_W-1:0];
            assign block_phase_next = PHASE_X_0_32[PHASE_X_W-1:0];
            assign block_carry      = 1'b0;
        end else begin : g_block_phase
            localparam [31:0] STEP_32 = HOLD * SW % TW;
            reg  [PHASE_X_W-1:0] now;
            wire [PHASE_X_W:0]   sum  = {1'b0, now} + STEP_32[PHASE_X_W:0];
            wire [PHASE_X_W-1:0] wrap = sum[PHASE_X_W-1:0] - TW_32[PHASE_X_W-1:0];
            assign block_phase      = now;
            assign block_carry      = (sum >= TW_32[PHASE_X_W:0]);
            assign block_phase_next = r_row ? PHASE_X_0_32[PHASE_X_W-1:0] : !block_end ? now : block_carry ? wrap
                                    : sum[PHASE_X_W-1:0];
            always @(posedge clk)
                if (rst)
                    now <= PHASE_X_0_32[PHASE_X_W-1:0];
                else
                    now <= block_phase_next;
        end
    endgenerate

    localparam [31:0] BLOCK_STEP_32  = HOLD * SW / TW * WORDS;
    localparam [31:0] BLOCK_CARRY_32 = BLOCK_STEP_32 + WORDS;
    reg  [ADDR_W-1:0] block_col;
    wire [ADDR_W-1:0] block_col_next = block_last ? COL_0_32[ADDR_W-1:0]
                                     : block_col + (block_carry ? BLOCK_CARRY_32[ADDR_W-1:0] : BLOCK_STEP_32[ADDR_W-1:0]);
    always @(posedge clk)
        if (rst)
            block_col <= COL_0_32[ADDR_W-1:0];
        else if (block_end)
            block_col <= block_col_next;

    wire [ADDR_W-1:0] tap_col, tap_col_next;                    // of the word, for the block's first pixel; after tap_step

    generate
        if (NKX == 1 && WORDS == 1) begin : g_col_fixed
            assign tap_col      = block_col;
            assign tap_col_next = block_end ? block_col_next : block_col;
        end else begin : g_col
            reg [ADDR_W-1:0] now;
            assign tap_col = now;
            always @(posedge clk)
                if (rst)
                    now <= COL_0_32[ADDR_W-1:0];
                else
                    now <= tap_col_next;
            if (GROUPS == 1) begin : g_all_channels
                assign tap_col_next = block_end ? block_col_next : !(tap_step && sub_last) ? now : ky_step ? block_col : now + 1'b1;
            end else begin : g_groups
                // the group's first word: in the window's first column, in this block's
                reg  [ADDR_W-1:0] group;
                wire [ADDR_W-1:0] tap;
                wire [ADDR_W-1:0] word       = now - tap;       // since the group's first
                wire [ADDR_W-1:0] carry      = {{(ADDR_W-1){1'b0}}, sub_last};
                wire [ADDR_W-1:0] group_next = block_end ? block_col_next : group_end ? group + word + carry : group;
                wire [ADDR_W-1:0] tap_next   = kx_last ? group_next : tap + WORDS_32[ADDR_W-1:0];
                assign tap_col_next = !tap_step ? now : cblock_last ? tap_next : now + carry;
                always @(posedge clk)
                    if (rst)
                        group <= COL_0_32[ADDR_W-1:0];
                    else
                        group <= group_next;
                if (CBLOCKS == 1) begin : g_one_block
                    assign tap = now;
                end else begin : g_blocks
                    reg [ADDR_W-1:0] tap_now;
                    assign tap = tap_now;
                    always @(posedge clk)
                        if (rst)
                            tap_now <= COL_0_32[ADDR_W-1:0];
                        else if (kx_step)
                            tap_now <= tap_next;
                end
            end
        end
    endgenerate

    wire [ADDR_W-1:0] col_0;                                    // of the word and pixel
    wire [ADDR_W-1:0] col_1 = col_0 + WORDS_32[ADDR_W-1:0];
    wire unused_next = &{1'b0, row_1, col_1, tap_col, tap_col_next, sub_last, block_phase, block_phase_next}; // by some sizes

    generate
        if (HOLD == 1) begin : g_one_pixel
            assign col_0   = tap_col;
            assign phase_x = block_phase;
        end else begin : g_pixels
            localparam [31:0] STEP_32  = SW / TW * WORDS;
            localparam [31:0] CARRY_32 = STEP_32 + WORDS;
            reg  [ADDR_W-1:0] now;
            wire              carry;
            assign col_0 = now;
            always @(posedge clk)
                if (rst)
                    now <= COL_0_32[ADDR_W-1:0];
                else if (tap_step)
                    now <= tap_col_next;
                else if (en)
                    now <= now + (carry ? CARRY_32[ADDR_W-1:0] : STEP_32[ADDR_W-1:0]);
            if (SW % TW == 0) begin : g_phase_fixed
                assign phase_x = block_phase;
                assign carry   = 1'b0;
            end else begin : g_phase
                localparam [31:0] TURN_32 = SW % TW;
                reg  [PHASE_X_W-1:0] phase;
                wire [PHASE_X_W:0]   sum  = {1'b0, phase} + TURN_32[PHASE_X_W:0];
                wire [PHASE_X_W-1:0] wrap = sum[PHASE_X_W-1:0] - TW_32[PHASE_X_W-1:0];
                assign phase_x = phase;
                assign carry   = (sum >= TW_32[PHASE_X_W:0]);
                always @(posedge clk)
                    if (rst)
                        phase <= PHASE_X_0_32[PHASE_X_W-1:0];
                    else if (tap_step)
                        phase <= block_phase_next;
                    else if (en)
                        phase <= carry ? wrap : sum[PHASE_X_W-1:0];
            end
        end
    endgenerate

    // ---- reader: which rows and columns of the block are padding ------------------------
    wire [TH-1:0] pad_row;
    wire [TW-1:0] pad_col;
    genvar i, j;

    generate
        if (PT == 0 && PB == 0) begin : g_no_pad_row
            assign pad_row = {TH{1'b0}};
        end else begin : g_pad_row
            localparam Y_W = $clog2(HP + 1);
            localparam [31:0] SH_STEP = SH;
            localparam [31:0] TH_STEP = TH;
            reg  [Y_W-1:0] y0, y;                               // padded row of the window, of the block
            wire [Y_W-1:0] y0_next = oy_last ? {Y_W{1'b0}} : y0 + SH_STEP[Y_W-1:0];
            always @(posedge clk)
                if (rst) begin
                    y0 <= {Y_W{1'b0}};
                    y  <= {Y_W{1'b0}};
                end else begin
                    if (r_row)
                        y0 <= y0_next;
                    if (r_row)
                        y <= y0_next;
                    else if (ky_step)
                        y <= ky_last ? y0 : y + TH_STEP[Y_W-1:0];
                end
            for (i = 0; i < TH; i = i + 1) begin : g_row
                localparam [31:0] ABOVE = (PT > i) ? PT - i : 0;        // y + i < PT
                localparam [31:0] BELOW = (PT + H > i) ? PT + H - i : 0; // y + i >= PT + H
                if (PT > i) begin : g_above
                    assign pad_row[i] = (y < ABOVE[Y_W-1:0]) || (y >= BELOW[Y_W-1:0]);
                end else if (PT + H > i) begin : g_below
                    assign pad_row[i] = (y >= BELOW[Y_W-1:0]);
                end else begin : g_always
                    assign pad_row[i] = 1'b1;
                end
            end
        end

        if (PL == 0 && PR == 0) begin : g_no_pad_col
            assign pad_col = {TW{1'b0}};
        end else begin : g_pad_col
            localparam X_W = $clog2(WP + 1);
            localparam [31:0] BLOCK_STEP = HOLD * SW;
            reg  [X_W-1:0] x0, tap_x;                           // padded column of the block's first pixel, of the word in it
            wire [X_W-1:0] x0_next = block_last ? {X_W{1'b0}} : x0 + BLOCK_STEP[X_W-1:0];
            wire [X_W-1:0] tap_x_next = block_end ? x0_next : !kx_step ? tap_x : kx_last ? x0 : tap_x + TW_32[X_W-1:0];
            wire [X_W-1:0] x;                                   // ... of the pixel
            always @(posedge clk)
                if (rst) begin
                    x0    <= {X_W{1'b0}};
                    tap_x <= {X_W{1'b0}};
                end else begin
                    if (block_end)
                        x0 <= x0_next;
                    tap_x <= tap_x_next;
                end
            if (HOLD == 1) begin : g_one_pixel
                assign x = tap_x;
            end else begin : g_pixels
                localparam [31:0] PIXEL_STEP = SW;
                reg [X_W-1:0] now;
                assign x = now;
                always @(posedge clk)
                    if (rst)
                        now <= {X_W{1'b0}};
                    else if (tap_step)
                        now <= tap_x_next;
                    else if (en)
                        now <= now + PIXEL_STEP[X_W-1:0];
            end
            for (j = 0; j < TW; j = j + 1) begin : g_col
                localparam [31:0] LEFT  = (PL > j) ? PL - j : 0;
                localparam [31:0] RIGHT = (PL + W > j) ? PL + W - j : 0;
                if (PL > j) begin : g_left
                    assign pad_col[j] = (x < LEFT[X_W-1:0]) || (x >= RIGHT[X_W-1:0]);
                end else if (PL + W > j) begin : g_right
                    assign pad_col[j] = (x >= RIGHT[X_W-1:0]);
                end else begin : g_always
                    assign pad_col[j] = 1'b1;
                end
            end
        end
    endgenerate

    // ---- banks, and registers beside those in the banks ------------------------
    reg [PHASE_Y_W-1:0] turn_y;
    reg [PHASE_X_W-1:0] turn_x;
    reg [SUB_W-1:0]     turn_sub;
    reg [TH-1:0]        is_pad_row;
    reg [TW-1:0]        is_pad_col;
    reg                 starting, is_first, is_last, is_next, is_end; // starting: the next word is a frame's first

    always @(posedge clk) begin
        if (rst)
            valid <= 1'b0;
        else if (free)
            valid <= go;
        if (rst)
            starting <= 1'b1;
        else if (tap_step)
            starting <= frame_last;
        if (en) begin
            turn_y     <= phase_y;
            turn_x     <= phase_x;
            turn_sub   <= sub;
            is_pad_row <= pad_row;
            is_pad_col <= pad_col;
            is_first   <= starting;
            is_last    <= frame_last;
            is_next    <= pixel_last;
            is_end     <= r_image;
        end
    end

    assign m_valid = valid;
    assign m_first = is_first;
    assign m_last  = is_last;
    assign m_next  = is_next;
    assign m_end   = is_end;

    wire [TH*TW*LANES_W-1:0] banks;                             // a tap of every bank, in bank order

    generate
        for (i = 0; i < TH; i = i + 1) begin : g_bank_row
            localparam [31:0] I = i;
            wire [ADDR_W-1:0] row;
            wire              w_here = (w_phase_y == I[PHASE_Y_W-1:0]);
            if (i == TH - 1) begin : g_row_0                    // phase_y <= TH-1 always
                assign row = row_0;
            end else begin : g_row
                assign row = (phase_y > I[PHASE_Y_W-1:0]) ? row_1 : row_0;
            end
            for (j = 0; j < TW; j = j + 1) begin : g_bank_col
                localparam [31:0] J = j;
                wire [ADDR_W-1:0] col;
                wire [WORD_W-1:0] read;
                if (j == TW - 1) begin : g_col_0
                    assign col = col_0;
                end else begin : g_col
                    assign col = (phase_x > J[PHASE_X_W-1:0]) ? col_1 : col_0;
                end
                axgen_ram #(.WIDTH(WORD_W), .DEPTH(DEPTH)) u_ram (
                    .clk(clk), .we(w_en && w_here && w_phase_x == J[PHASE_X_W-1:0]), .waddr(waddr), .wdata(s_data),
                    .re(en), .raddr(row + col), .rdata(read)
                );

                wire [WORD_W-1:0] groups;
                axgen_rotate #(.N(SUBS), .WIDTH(LANES_W)) u_sub (.amount(turn_sub), .s_data(read), .m_data(groups));
                assign banks[(i*TW+j)*LANES_W +: LANES_W] = groups[LANES_W-1:0];
                if (SUBS > 1) begin : g_unused
                    wire unused = &{1'b0, groups[WORD_W-1:LANES_W]};
                end
            end
        end
    endgenerate

    // ---- lane order, padding ------------------------
    wire [TH*TW*LANES_W-1:0] rows;
    axgen_rotate #(.N(TH), .WIDTH(TW*LANES_W)) u_rotate_y (.amount(turn_y), .s_data(banks), .m_data(rows));

    generate
        for (i = 0; i < TH; i = i + 1) begin : g_lane_row
            wire [TW*LANES_W-1:0] taps;
            axgen_rotate #(.N(TW), .WIDTH(LANES_W)) u_rotate_x (
                .amount(turn_x), .s_data(rows[i*TW*LANES_W +: TW*LANES_W]), .m_data(taps)
            );
            for (j = 0; j < TW; j = j + 1) begin : g_lane_col
                assign m_data[(i*TW+j)*LANES_W +: LANES_W] = (is_pad_row[i] || is_pad_col[j])
                    ? {G{PAD_32[CODE_W-1:0]}} : taps[j*LANES_W +: LANES_W];
            end
        end
    endgenerate

endmodule

`default_nettype wire
