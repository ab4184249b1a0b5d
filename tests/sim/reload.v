// SPDX-License-Identifier: Apache-2.0
//
// reload: an accelerator with loaded words gets those of one network, of another, and of the first again, without a reset in
// between; b.hex and b_expected.hex are the other network's. Images are offered all the time: none may come in before its words.
`default_nettype none

module reload;

    parameter IN_W = 8, OUT_W = 8, BEATS_IN = 1, BEATS_OUT = 1, WORDS = 1;
    localparam IMAGES = 3, LIMIT = 100000;

    reg  [31:0]      words    [0:2*WORDS-1];                // A, B
    reg  [IN_W-1:0]  image    [0:IMAGES*BEATS_IN-1];
    reg  [OUT_W-1:0] expected [0:2*IMAGES*BEATS_OUT-1];     // A, B

    reg              clk, rst, c_tvalid, c_tlast, s_tvalid, failed;
    reg  [31:0]      c_tdata;
    reg  [IN_W-1:0]  s_tdata;
    wire             c_tready, s_tready, m_tvalid, m_tlast;
    wire [OUT_W-1:0] m_tdata;
    integer          i, got, want, sent, results;

    axgen_top dut (
        .clk(clk), .rst(rst),
        .s_cfg_axis_tdata(c_tdata), .s_cfg_axis_tvalid(c_tvalid), .s_cfg_axis_tready(c_tready), .s_cfg_axis_tlast(c_tlast),
        .s_axis_tdata(s_tdata), .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(1'b0),
        .m_axis_tdata(m_tdata), .m_axis_tvalid(m_tvalid), .m_axis_tready(1'b1), .m_axis_tlast(m_tlast)
    );

    task fail(input [8*40-1:0] why);
        begin
            $display("FAIL %0s", why);
            failed = 1'b1;
        end
    endtask

    // `count` words of network `which` (0: A), tlast with the last one if `mark`
    task load(input integer which, input integer count, input mark);
        integer k;
        for (k = 0; k < count; k = k + 1) begin
            c_tvalid <= 1'b1;
            c_tdata  <= words[which*WORDS+k];
            c_tlast  <= mark && k == count - 1;
            @(posedge clk);
            while (!c_tready) @(posedge clk);
            c_tvalid <= 1'b0;
            if (k % 5 == 2) @(posedge clk);
        end
    endtask

    task send(input integer beats);
        for (sent = 0; sent < beats; sent = sent + 1) begin
            s_tvalid <= 1'b1;
            s_tdata  <= image[sent];
            @(posedge clk);
            while (!s_tready) @(posedge clk);
            s_tvalid <= 1'b0;
        end
    endtask

    // so many images, each to give what network `which` would
    task images(input integer which, input integer count);
        begin
            want    = which * IMAGES * BEATS_OUT;
            results = want + count * BEATS_OUT;
            send(count * BEATS_IN);
            while (want < results) @(posedge clk);
        end
    endtask

    always @(posedge clk)
        if (m_tvalid) begin
            if (want >= results || m_tdata !== expected[want] || m_tlast !== (want % BEATS_OUT == BEATS_OUT - 1))
                fail("another result was expected");
            want = want + 1;
        end

    // for 50 cycles no image is taken
    task closed;
        begin
            s_tvalid <= 1'b1;
            s_tdata  <= image[0];
            for (i = 0; i < 50; i = i + 1) begin
                @(posedge clk);
                if (s_tready)
                    fail("an image came in too early");
            end
            s_tvalid <= 1'b0;
        end
    endtask

    initial begin
        $readmemh("tb/words.hex", words, 0, WORDS - 1);
        $readmemh("tb/b.hex", words, WORDS, 2*WORDS - 1);
        $readmemh("tb/images.hex", image);
        $readmemh("tb/expected.hex", expected, 0, IMAGES*BEATS_OUT - 1);
        $readmemh("tb/b_expected.hex", expected, IMAGES*BEATS_OUT, 2*IMAGES*BEATS_OUT - 1);
        clk      = 1'b0;
        rst      = 1'b1;
        c_tvalid = 1'b0;
        c_tlast  = 1'b0;
        s_tvalid = 1'b0;
        failed   = 1'b0;
        want     = 0;
        results  = 0;
        repeat (4) @(posedge clk);
        rst <= 1'b0;
        closed;
        load(0, WORDS, 1'b1);
        images(0, IMAGES);
        load(1, WORDS - 1, 1'b1);                           // too short
        closed;
        load(1, WORDS, 1'b0);
        images(1, IMAGES);
        want    = IMAGES * BEATS_OUT;                       // A's words come while an image is inside
        results = want + BEATS_OUT;
        fork
            send(BEATS_IN);
            begin
                wait (sent == (BEATS_IN + 1) / 2);
                load(0, WORDS, 1'b1);
                if (want != results)
                    fail("words came while an image was inside");
            end
        join
        images(0, IMAGES);
        repeat (50) @(posedge clk);
        if (!failed)
            $display("PASS");
        $finish;
    end

    initial begin
        repeat (LIMIT) #5 clk = !clk;
        fail("it stands still");
        $finish;
    end

endmodule

`default_nettype wire
