// SPDX-License-Identifier: Apache-2.0
//
// axt_door: beside an axgen_load_port: offers it a word when as many beats of images have come in as the word asks for, says where images
// end, and looks at what may not be. `fail` rises with the first such thing, which is printed:
//   a word is taken while an image is inside; a beat of an image passes while the inside is reset; the inside is reset with an image
//   in it; an offered beat is taken back; the door opens before all words are written, or not LOADERS + 2 cycles after the last.
`default_nettype none

module axt_door #(
    parameter BEATS       = 1,
    parameter LOADERS     = 1,
    parameter IMAGE_BEATS = 1,
    parameter NAME        = "?"
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        a_valid,
    input  wire [15:0] a_after,
    output wire        s_valid,
    input  wire        s_ready,
    input  wire        s_last,
    input  wire [1:0]  written,                     // words, in this cycle
    input  wire        enter,
    input  wire        o_valid,
    input  wire        o_ready,
    input  wire        leave,
    output wire        result,
    input  wire        run_rst,
    output reg         fail
);

    integer in_beat, out_beat, came, held, words, taken, beats, since;
    reg     was_closed, offered;
    wire    take = s_valid && s_ready;

    assign s_valid = a_valid && came >= a_after;
    assign result  = leave && out_beat == IMAGE_BEATS - 1;

    initial begin
        fail       = 1'b0;
        in_beat    = 0;
        out_beat   = 0;
        came       = 0;                            // beats of images
        held       = 0;                            // beats
        words      = 0;                            // written
        taken      = 0;
        beats      = 0;                            // of this load
        since      = 0;                            // cycles since its last one
        was_closed = 1'b1;
        offered    = 1'b0;
    end

    task wrong(input [8*40-1:0] why);
        begin
            if (!fail)
                $display("why %0s: %0s", NAME, why);
            fail <= 1'b1;
        end
    endtask

    always @(posedge clk)
        if (!rst) begin
            if (take && (held != 0 || in_beat != 0 || enter))
                wrong("a word while an image is inside");
            if (run_rst && (held != 0 || in_beat != 0))
                wrong("reset while an image is inside");
            if (run_rst && (enter || o_valid))
                wrong("an image at a closed door");
            if (enter != (o_valid && o_ready))
                wrong("a beat lost or doubled");
            if (offered && !o_valid)
                wrong("a beat taken back");
            if (was_closed && !run_rst && (words != taken || beats != BEATS || since != LOADERS + 1))
                wrong("open too early, or too late");
            since = since + 1;
            if (take) begin
                since = 0;
                if (beats == BEATS)                // another load begins
                    beats = 0;
                taken = taken + 1;
                beats = s_last && beats != BEATS - 1 ? 0 : beats + 1;
            end
            words      = words + written;
            offered    = o_valid && !o_ready;
            was_closed = run_rst;
            came       = came + enter;
            in_beat    = enter ? (in_beat + 1) % IMAGE_BEATS : in_beat;
            out_beat   = leave ? (out_beat + 1) % IMAGE_BEATS : out_beat;
            held       = held + enter - leave;
        end

endmodule

`default_nettype wire
