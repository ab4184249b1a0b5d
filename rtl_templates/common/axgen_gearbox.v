// SPDX-License-Identifier: Apache-2.0
//
// axgen_gearbox: changes the number of codes a beat of a stream.
//
// Function    IN codes a beat in, OUT codes a beat out, order kept. IN and OUT divide PER_PIXEL (the channels of a pixel),
//             so that nothing is left over at the end of a pixel; they need not divide each other.
//             IN == OUT     wires.
//             OUT | IN      a register of IN codes that shifts down by OUT.
//             IN | OUT      a register of OUT codes, filled place by place.
//             otherwise     a buffer of (i + o + min(i, o) - 1) units of gcd(IN, OUT) codes, i = IN/gcd, o = OUT/gcd.
// Latency     0 (wires); else 1 cycle from the last code a beat needs to that beat.
// Throughput  one beat per cycle on the side that has more beats (any stall of the other side aside).
// Handshake   valid/ready. s_ready is combinational from m_ready, except in the last form.
// Legal       CODE_W, IN, OUT >= 1; PER_PIXEL a multiple of IN and of OUT.
`default_nettype none

module axgen_gearbox #(
    parameter CODE_W    = 8,
    parameter IN        = 2,
    parameter OUT       = 3,
    parameter PER_PIXEL = 6
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire                  s_valid,
    output wire                  s_ready,
    input  wire [IN*CODE_W-1:0]  s_data,
    output wire                  m_valid,
    input  wire                  m_ready,
    output wire [OUT*CODE_W-1:0] m_data
);

    function integer gcd(input integer a, input integer b);
        integer x, y, t;
        begin
            x = a;
            y = b;
            while (y != 0) begin
                t = x % y;
                x = y;
                y = t;
            end
            gcd = x;
        end
    endfunction

    generate
        if (CODE_W < 1 || IN < 1 || OUT < 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_gearbox illegal ();
        end else if (PER_PIXEL < 1 || PER_PIXEL % IN != 0 || PER_PIXEL % OUT != 0) begin : g_illegal_pixel
            ILLEGAL_PARAMETER_axgen_gearbox_PER_PIXEL illegal ();
        end

        if (IN == OUT) begin : g_wires
            wire unused = &{1'b0, clk, rst};
            assign m_valid = s_valid;
            assign s_ready = m_ready;
            assign m_data  = s_data;
        end else if (IN % OUT == 0) begin : g_narrow
            reg                 full;
            reg [IN*CODE_W-1:0] hold;
            wire                last;
            wire                step = full && m_ready;
            axgen_count_last #(.N(IN / OUT)) u_place (
                .clk(clk), .rst(rst), .en(step), .last(last)
            );
            assign m_valid = full;
            assign m_data  = hold[OUT*CODE_W-1:0];
            assign s_ready = !full || (m_ready && last);
            always @(posedge clk) begin
                if (rst)
                    full <= 1'b0;
                else if (s_ready)
                    full <= s_valid;
                if (s_ready)
                    hold <= s_data;
                else if (step)
                    hold <= hold >> (OUT * CODE_W);
            end
        end else if (OUT % IN == 0) begin : g_widen
            localparam N       = OUT / IN;
            localparam PLACE_W = $clog2(N);
            reg                  full;
            reg [OUT*CODE_W-1:0] hold;
            wire                 last;
            wire [PLACE_W-1:0]   place;
            wire                 push = s_valid && s_ready;
            axgen_count #(.N(N)) u_place (
                .clk(clk), .rst(rst), .en(push), .value(place), .last(last)
            );
            assign m_valid = full;
            assign m_data  = hold;
            assign s_ready = !full || m_ready;
            always @(posedge clk)
                if (rst)
                    full <= 1'b0;
                else if (s_ready)
                    full <= push && last;
            genvar p;
            for (p = 0; p < N; p = p + 1) begin : g_place
                localparam [31:0] P = p;
                always @(posedge clk)
                    if (push && place == P[PLACE_W-1:0])
                        hold[p*IN*CODE_W +: IN*CODE_W] <= s_data;
            end
        end else begin : g_general
            localparam UNIT    = gcd(IN, OUT);
            localparam I       = IN / UNIT;
            localparam O       = OUT / UNIT;
            localparam UNITS   = I + O + ((I < O) ? I : O) - 1;
            localparam UNIT_W  = UNIT * CODE_W;
            localparam COUNT_W = $clog2(UNITS + 1);
            localparam [31:0] IN_UNITS  = I;
            localparam [31:0] OUT_UNITS = O;
            localparam [31:0] ROOM      = UNITS - I;            // the fullest state that still takes a beat
            reg [UNITS*UNIT_W-1:0] hold;
            reg [COUNT_W-1:0]      count;
            wire push = s_valid && s_ready;
            wire pop  = m_valid && m_ready;
            wire [COUNT_W-1:0]      rest    = pop ? count - OUT_UNITS[COUNT_W-1:0] : count;
            wire [UNITS*UNIT_W-1:0] shifted = pop ? hold >> (O * UNIT_W) : hold;
            assign m_valid = (count >= OUT_UNITS[COUNT_W-1:0]);
            assign s_ready = (count <= ROOM[COUNT_W-1:0]);
            assign m_data  = hold[OUT*CODE_W-1:0];
            always @(posedge clk)
                if (rst)
                    count <= {COUNT_W{1'b0}};
                else
                    count <= push ? rest + IN_UNITS[COUNT_W-1:0] : rest;
            genvar u;
            // Unit u of the buffer takes unit u - rest of the beat when that is one of its I units.
            for (u = 0; u < UNITS; u = u + 1) begin : g_unit
                localparam FIRST = (u < I) ? 0 : u - I + 1;     // rest for which this unit takes the beat's highest unit
                localparam LAST  = u;                           // ... and its lowest
                reg [UNIT_W-1:0] next;
                integer r;
                always @* begin
                    next = shifted[u*UNIT_W +: UNIT_W];
                    for (r = FIRST; r <= LAST; r = r + 1)
                        if (push && rest == r[COUNT_W-1:0])
                            next = s_data[(u-r)*UNIT_W +: UNIT_W];
                end
                always @(posedge clk)
                    hold[u*UNIT_W +: UNIT_W] <= next;
            end
        end
    endgenerate

endmodule

`default_nettype wire
