// SPDX-License-Identifier: Apache-2.0
//
// axgen_load_port: where the words of memories enter an accelerator, and the door for images: open when all are loaded.
//
// Function    A load is BEATS beats of s, up to one with s_last or the last of BEATS. They go to a chain of axgen_load, bit 32
//             marking the load's last beat. After reset the door is closed until a whole load has come; one that s_last ends
//             earlier does not open it, and the next beat begins another load.
//             While the door is open a beat that waits at s keeps new images out (not one that has begun, or been shown); when
//             the last result of those inside has left (`result`), the door closes and the next load begins.
//             run_rst resets all that computes: with rst and as long as the door is closed.
// Latency     1 cycle from s to m; the door opens LOADERS + 2 cycles after a load's last beat. Images pass at once.
// Throughput  one beat per cycle on both.
// Handshake   valid/ready; m_ready must be 1. in_ready is combinational from out_ready.
// Legal       BEATS, LOADERS, IMAGE_BEATS >= 1; LOADERS axgen_load behind m. IMAGE_BEATS: beats of an image. Inside are at most
//             65535 images.
`default_nettype none

module axgen_load_port #(
    parameter BEATS       = 1,
    parameter LOADERS     = 1,
    parameter IMAGE_BEATS = 1
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        s_valid,
    output wire        s_ready,
    input  wire [31:0] s_data,
    input  wire        s_last,
    output reg         m_valid,
    input  wire        m_ready,
    output reg  [32:0] m_data,
    input  wire        in_valid,
    output wire        in_ready,
    output wire        out_valid,
    input  wire        out_ready,
    input  wire        result,
    output wire        run_rst
);

    generate
        if (BEATS < 1 || LOADERS < 1 || IMAGE_BEATS < 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_load_port illegal ();
        end
    endgenerate

    reg        loading;                            // beats are taken
    reg        arriving;                           // a whole load is on its way through the chain
    reg        open;
    reg        waits;                              // the next load does
    reg        between;                            // the next beat of an image is its first
    reg        shown;                              // a beat is offered to the inside: it may not be taken back
    reg [15:0] images;                             // inside
    wire       whole, arrived, image_last;
    wire       take   = s_valid && s_ready;
    wire       pass   = open && (shown || !between || !(waits || (&images)));
    wire       enter  = in_valid && in_ready;
    wire       close  = open && waits && between && !shown && images == 16'd0;
    wire       unused = &{1'b0, m_ready};

    assign s_ready   = loading;
    assign out_valid = in_valid && pass;
    assign in_ready  = out_ready && pass;
    assign run_rst   = rst || !open;

    axgen_count_last #(.N(BEATS)) u_beat (.clk(clk), .rst(rst || (take && s_last)), .en(take), .last(whole));
    axgen_count_last #(.N(LOADERS + 1)) u_arrive (.clk(clk), .rst(rst), .en(arriving), .last(arrived));
    axgen_count_last #(.N(IMAGE_BEATS)) u_image (.clk(clk), .rst(rst), .en(enter), .last(image_last));

    always @(posedge clk) begin
        if (rst) begin
            loading  <= 1'b1;
            arriving <= 1'b0;
            open     <= 1'b0;
            waits    <= 1'b0;
            between  <= 1'b1;
            shown    <= 1'b0;
            images   <= 16'd0;
            m_valid  <= 1'b0;
        end else begin
            loading  <= close || (loading && !(take && whole));
            arriving <= (take && whole) || (arriving && !arrived);
            open     <= (arriving && arrived) || (open && !close);
            waits    <= s_valid;
            shown    <= out_valid && !out_ready;
            m_valid  <= take;
            if (enter)
                between <= image_last;
            images <= images + {15'd0, enter && between} - {15'd0, result};
        end
        if (take)
            m_data <= {s_last || whole, s_data};
    end

endmodule

`default_nettype wire
