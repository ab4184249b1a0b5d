// SPDX-License-Identifier: Apache-2.0
//
// Writes the tests of the RTL cores: for each core a list of parameter sets (fixed corner cases, then random ones from a
// seed), each as a Verilog module t_NAME with the core between sources and sinks, the input and the output that a plain
// model expects as $readmemh files, and one top `tb` that runs them all side by side. Both simulators take the result.
//
//   gen DIR SEED PERCENT CORE...   writes DIR/tb.v, DIR/*.hex and DIR/names.txt (the tests, one a line); PERCENT scales the
//                                  number of random sets
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

using std::string;
using std::vector;
typedef long long i64;

// ---- random numbers and words ------------------------
static std::mt19937_64 rng;
static int percent = 100;
static int sets_of(int n) { return std::max(1, n * percent / 100); }
static i64 pick(i64 lo, i64 hi) { return lo + (i64)(rng() % (uint64_t)(hi - lo + 1)); }
static i64 one_of(const vector<i64> &v) { return v[pick(0, (i64)v.size() - 1)]; }
static i64 divisor(i64 n)
{
	vector<i64> d;
	for (i64 i = 1; i <= n; i++)
		if (n % i == 0)
			d.push_back(i);
	return one_of(d);
}
static int clog2(i64 n)
{
	int b = 0;
	while (((i64)1 << b) < n)
		b++;
	return b;
}
static i64 random_code(int w, bool is_signed)
{
	i64 lo = is_signed ? -((i64)1 << (w - 1)) : 0, hi = is_signed ? ((i64)1 << (w - 1)) - 1 : ((i64)1 << w) - 1;
	switch (pick(0, 9)) {
	case 0: return lo;
	case 1: return hi;
	default: return pick(lo, hi);
	}
}

struct word {                                   // bits, lowest first
	vector<bool> bits;
	word &put(i64 v, int w)
	{
		for (int i = 0; i < w; i++)
			bits.push_back(i < 64 ? (v >> i) & 1 : v < 0);
		return *this;
	}
	string hex() const
	{
		string s;
		for (size_t i = 0; i < bits.size(); i += 4) {
			int d = 0;
			for (size_t k = i; k < i + 4 && k < bits.size(); k++)
				d |= bits[k] << (k - i);
			s.push_back("0123456789abcdef"[d]);
		}
		std::reverse(s.begin(), s.end());
		return s;
	}
};
typedef vector<word> stream;
typedef vector<i64> codes;

static stream pack(const codes &c, int w, int per_beat)
{
	stream s;
	for (size_t i = 0; i < c.size(); i += per_beat) {
		word x;
		for (int k = 0; k < per_beat; k++)
			x.put(c[i + k], w);
		s.push_back(x);
	}
	return s;
}
static codes random_codes(size_t n, int w, bool is_signed)
{
	codes c(n);
	for (auto &x : c)
		x = random_code(w, is_signed);
	return c;
}

// ---- one test: a Verilog module with sources, sinks and the core between ------------------------
static string dir;
static vector<string> names;
static std::ostringstream all;

// Under Icarus a test's clock stops 128 cycles after its last beat, to save time. Verilator is better off without that.
static const char *const clock_text = "`ifdef VERILATOR\n    wire clk = tb_clk;\n`else\n    reg [7:0] after = 8'd0;\n"
	"    wire clk = tb_clk && !after[7];\n    always @(posedge tb_clk) if (done && !after[7]) after <= after + 8'd1;\n`endif\n";

struct test {
	string name, body, done = "1'b1", fail = "1'b0";
	test(const string &core, int n)
	{
		char b[64];
		snprintf(b, sizeof b, "%s_%02d", core.c_str(), n);
		name = b;
	}
	string file(const string &part, const stream &s)
	{
		string path = name + "_" + part + ".hex";
		std::ofstream f(dir + "/" + path);
		for (auto &w : s)
			f << w.hex() << "\n";
		return path;
	}
	void wires(const string &p, const stream &s)
	{
		body += "    wire " + p + "_valid, " + p + "_ready;\n    wire [" + std::to_string(s[0].bits.size() - 1) + ":0] " + p
			+ "_data;\n";
	}
	string common(const string &p, const stream &s, int stalls)
	{
		return ".WIDTH(" + std::to_string(s[0].bits.size()) + "), .COUNT(" + std::to_string(s.size()) + "), .FILE(\""
			+ file(p, s) + "\"), .STALLS(" + std::to_string(stalls ? pick(1, 1000000) : 0) + ")";
	}
	void source(const string &p, const stream &s, int stalls)
	{
		wires(p, s);
		body += "    axt_source #(" + common(p, s, stalls) + ") u_" + p + " (.clk(clk), .rst(rst), .valid(" + p
			+ "_valid), .ready(" + p + "_ready), .data(" + p + "_data));\n";
	}
	void sink(const string &p, const stream &s, int stalls, i64 image_beats = 1, i64 period = 0)
	{
		wires(p, s);
		body += "    wire " + p + "_done, " + p + "_fail;\n    axt_sink #(" + common(p, s, stalls) + ", .NAME(\"" + name
			+ "\"), .IMAGE_BEATS(" + std::to_string(image_beats) + "), .PERIOD(" + std::to_string(period) + ")) u_" + p
			+ " (.clk(clk), .rst(rst), .valid(" + p + "_valid), .ready(" + p + "_ready), .data(" + p + "_data), .done(" + p
			+ "_done), .fail(" + p + "_fail));\n";
		done += " && " + p + "_done";
		fail += " || " + p + "_fail";
	}
	// a core: parameters "A=1 B=2", ports "s_data=x m_data=y"; clk and rst are added
	void core(const string &module, const string &inst, const string &parameters, const string &ports)
	{
		body += "    " + module + " #(" + pins(parameters) + ") " + inst + " (.clk(clk), .rst(rst), " + pins(ports) + ");\n";
	}
	static string pins(const string &list)
	{
		std::istringstream in(list);
		string s, t;
		while (in >> t) {
			size_t e = t.find('=');
			s += (s.empty() ? "." : ", .") + t.substr(0, e) + "(" + t.substr(e + 1) + ")";
		}
		return s;
	}
	~test()
	{
		all << "module t_" << name << " (input wire tb_clk, input wire rst, output wire done, output wire fail);\n" << clock_text << body
		    << "    assign done = " << done << ";\n    assign fail = " << fail << ";\nendmodule\n\n";
		names.push_back(name);
	}
};

static string P(const string &n, i64 v) { return n + "=" + std::to_string(v) + " "; }
static string plain(const string &s, const string &m)
{
	return "s_valid=" + s + "_valid s_ready=" + s + "_ready s_data=" + s + "_data m_valid=" + m + "_valid m_ready=" + m
		+ "_ready m_data=" + m + "_data";
}

// ---- memories ------------------------
// One operation a beat; rdata of the cycle after it, or 0 where it may be anything. The sink's stalls hold the operations up,
// so that rdata must stand still.
struct memory_test {
	test t;
	string pins;
	int at = 0, width;
	memory_test(const string &core, int n, int w) : t(core, n), width(w) {}
	void pin(const string &name, int w, bool enable = false)
	{
		string bits = "a_data[" + std::to_string(at + w - 1) + ":" + std::to_string(at) + "]";
		at += w;
		pins += ", ." + name + "(" + (enable ? "{" + std::to_string(w) + "{step}} & " : "") + bits + ")";
	}
	// operations end with a bit that says whether rdata counts
	void finish(const string &module, const string &parameters, const stream &in, const stream &out, int stalls)
	{
		t.source("a", in, stalls);
		t.sink("b", out, stalls);
		string counts = "a_data[" + std::to_string(at) + "]";
		t.body += "    reg full = 1'b0, counts;\n    wire step = a_valid && a_ready;\n    wire [" + std::to_string(width - 1)
			+ ":0] rdata;\n    assign a_ready = !full || b_ready;\n    assign b_valid = full;\n    assign b_data = counts ? rdata : 0;\n"
			  "    always @(posedge clk) begin\n        if (a_ready) full <= a_valid;\n        if (step) counts <= " + counts
			+ ";\n    end\n    " + module + " #(" + test::pins(parameters) + ") dut (.clk(clk)" + pins + ", .rdata(rdata));\n";
	}
};
struct known_word {
	word bits;
	vector<bool> known;
	bool all() const { return std::find(known.begin(), known.end(), false) == known.end(); }
};
static word random_word(int w)
{
	word x;
	for (int i = 0; i < w; i++)
		x.put(pick(0, 1), 1);
	return x;
}
static void put(word &to, const word &x) { to.bits.insert(to.bits.end(), x.bits.begin(), x.bits.end()); }
struct memory_shape { int width, lane, depth; };
static vector<memory_shape> memory_shapes()
{
	vector<memory_shape> s = {{1, 1, 1}, {8, 8, 1}, {3, 3, 2}, {8, 1, 5}, {32, 8, 16}, {32, 32, 7}, {72, 24, 33}, {256, 8, 4}, {36, 9, 600}};
	for (int k = 0; k < sets_of(8); k++) {
		int lane = (int)pick(1, 20);
		s.push_back({lane * (int)pick(1, 5), lane, (int)pick(1, 40)});
	}
	return s;
}

static void gen_memory()
{
	int n = 0;
	for (bool single : {false, true})
		for (auto &p : memory_shapes()) {
			int lanes = p.width / p.lane, aw = std::max(1, clog2(p.depth)), stalls = (int)pick(0, 1);
			memory_test m(single ? "ram_sp" : "ram", n++, p.width);
			if (single)
				m.pin("en", 1, true);
			m.pin("we", lanes, !single);
			m.pin(single ? "addr" : "waddr", aw);
			m.pin("wdata", p.width);
			if (!single) {
				m.pin("re", 1, true);
				m.pin("raddr", aw);
			}
			known_word blank = {word().put(0, p.width), vector<bool>(p.width, false)};
			vector<known_word> mem(p.depth, blank);
			known_word rdata = blank;
			stream in, out;
			i64 hot = 0;                            // half of the accesses meet at one address
			for (int k = 0; k < 600; k++) {
				if (pick(0, 7) == 0)
					hot = pick(0, p.depth - 1);
				i64 waddr = pick(0, 1) ? hot : pick(0, p.depth - 1), raddr = pick(0, 1) ? hot : pick(0, p.depth - 1);
				bool en = pick(0, 3) != 0, re = pick(0, 3) != 0;
				word we, wdata = random_word(p.width), op;
				int how = (int)pick(0, 3);          // no lane, all of them, some
				for (int i = 0; i < lanes; i++)
					we.put(how == 0 ? 0 : how == 1 ? 1 : pick(0, 1), 1);
				bool writes = std::find(we.bits.begin(), we.bits.end(), true) != we.bits.end() && (!single || en);
				if (single) {
					op.put(en, 1);
					raddr = waddr;
					re = en && !writes;
				}
				put(op, we);
				op.put(waddr, aw);
				put(op, wdata);
				if (!single)
					op.put(re, 1).put(raddr, aw);
				if (re)
					rdata = writes && waddr == raddr ? blank : mem[raddr];
				else if (single && writes)
					rdata = blank;
				if (writes)
					for (int b = 0; b < p.width; b++)
						if (we.bits[b / p.lane]) {
							mem[waddr].bits.bits[b] = wdata.bits[b];
							mem[waddr].known[b] = true;
						}
				in.push_back(op.put(rdata.all(), 1));
				out.push_back(rdata.all() ? rdata.bits : word().put(0, p.width));
			}
			m.finish(single ? "axgen_ram_sp" : "axgen_ram", P("WIDTH", p.width) + P("LANE_W", p.lane) + P("DEPTH", p.depth), in, out, stalls);
		}
	for (auto &p : memory_shapes()) {
		int aw = std::max(1, clog2(p.depth));
		memory_test m("rom", n++, p.width);
		m.pin("re", 1, true);
		m.pin("raddr", aw);
		stream mem, in, out;
		for (int k = 0; k < p.depth; k++)
			mem.push_back(random_word(p.width));
		word rdata = word().put(0, p.width);
		bool counts = false;
		for (int k = 0; k < 300; k++) {
			bool re = pick(0, 2) != 0;
			i64 raddr = pick(0, p.depth - 1);
			if (re)
				rdata = mem[raddr];
			counts = counts || re;
			in.push_back(word().put(re, 1).put(raddr, aw).put(counts, 1));
			out.push_back(rdata);
		}
		m.finish("axgen_rom", P("WIDTH", p.width) + P("DEPTH", p.depth) + "INIT_FILE=\"" + m.t.file("rom", mem) + "\"", in, out, (int)pick(0, 1));
	}
	for (auto &p : memory_shapes()) {               // filled first, then read and written at random
		int lanes = (p.width + 31) / 32, aw = std::max(1, clog2(p.depth));
		memory_test m("store", n++, p.width);
		m.pin("re", 1, true);
		m.pin("raddr", aw);
		m.pin("load_we", lanes, true);
		m.pin("load_addr", aw);
		m.pin("load_data", 32);
		vector<word> mem(p.depth, word().put(0, p.width));
		word rdata = mem[0];
		bool counts = false;
		stream in, out;
		for (int k = 0; k < lanes * p.depth + 300; k++) {
			bool fills = k < lanes * p.depth, re = !fills && pick(0, 2) != 0, writes = false;
			i64 raddr = pick(0, p.depth - 1), waddr = fills ? k / lanes : pick(0, p.depth - 1);
			word we, data = random_word(32);
			for (int i = 0; i < lanes; i++) {
				bool one = fills ? i == k % lanes : pick(0, 3) == 0;
				we.put(one, 1);
				writes = writes || one;
			}
			if (re && writes && raddr == waddr) // nobody does
				re = false;
			if (re)
				rdata = mem[raddr];
			counts = counts || re;
			for (int b = 0; b < p.width; b++)
				if (we.bits[b / 32])
					mem[waddr].bits[b] = data.bits[b % 32];
			word op = word().put(re, 1).put(raddr, aw);
			put(op, we);
			op.put(waddr, aw);
			put(op, data);
			in.push_back(op.put(counts, 1));
			out.push_back(rdata);
		}
		m.finish("axgen_store", P("WIDTH", p.width) + P("DEPTH", p.depth) + P("LOAD", 1), in, out, (int)pick(0, 1));
	}
}

// ---- memories that are loaded ------------------------
struct link { int width, depth; int lanes() const { return (width + 31) / 32; } int words() const { return lanes() * depth; } };
static vector<link> random_chain()
{
	vector<link> c(pick(1, 3));
	for (auto &l : c)
		l = {(int)one_of({1, 32, 33, 64, 70, 100}), (int)one_of({1, 2, 3, 5, 8})};
	return c;
}
// The links, each taking the stream of the one before; the first takes `from`. What each writes is l0, l1, ...
static string chain(test &t, const vector<link> &links, string from)
{
	for (size_t i = 0; i < links.size(); i++) {
		string l = "l" + std::to_string(i), lanes = std::to_string(links[i].lanes() - 1);
		t.body += "    wire [" + lanes + ":0] " + l + "_we;\n    wire [" + std::to_string(std::max(1, clog2(links[i].depth)) - 1) + ":0] " + l
			+ "_addr;\n    wire [31:0] " + l + "_word;\n    wire " + l + "_m_valid;\n    wire " + l + "_m_ready = 1'b1;\n    wire [32:0] " + l + "_m_data;\n";
		t.core("axgen_load", "u_" + l, P("WIDTH", links[i].width) + P("DEPTH", links[i].depth), plain(from, l + "_m") + " load_we=" + l
			+ "_we load_addr=" + l + "_addr load_data=" + l + "_word");
		from = l + "_m";
	}
	return from;
}

// Loads of any length, one after the other: each link writes what is its own to its place, the end of the chain gets the rest.
static void gen_load()
{
	for (int n = 0; n < sets_of(16); n++) {
		vector<link> links = random_chain();
		int all = 0, stalls = n % 2;
		for (auto &l : links)
			all += l.words();
		stream in, rest;
		vector<stream> writes(links.size());
		for (int k = 0; k < 12; k++) {
			int length = k % 4 == 0 ? all + (int)pick(1, 5) : k % 4 == 1 ? all : (int)pick(1, all);
			for (int b = 0; b < length; b++) {
				word data = random_word(32);
				in.push_back(word(data).put(b == length - 1, 1));
				int at = b;
				size_t i = 0;
				for (; i < links.size() && at >= links[i].words(); i++)
					at -= links[i].words();
				if (i == links.size()) {
					rest.push_back(in.back());
					continue;
				}
				int lanes = links[i].lanes();
				word w = word(data).put(at / lanes, std::max(1, clog2(links[i].depth)));
				for (int x = 0; x < lanes; x++)
					w.put(x == at % lanes, 1);
				writes[i].push_back(w);
			}
		}
		test t("load", n);
		t.source("a", in, stalls);
		string end = chain(t, links, "a");
		for (size_t i = 0; i < links.size(); i++) {
			string w = "w" + std::to_string(i), l = "l" + std::to_string(i);
			t.sink(w, writes[i], 0);
			t.body += "    assign " + w + "_valid = |" + l + "_we;\n    assign " + w + "_data = {" + l + "_we, " + l + "_addr, " + l + "_word};\n";
		}
		t.sink("b", rest, 0);
		t.body += "    assign b_valid = " + end + "_valid;\n    assign b_data = " + end + "_data;\n";
	}
}

// Loads and images in turn: a load is offered when so many beats of images have come in as its words say. axt_door looks at what
// may not happen at the door.
static void gen_load_port()
{
	for (int n = 0; n < sets_of(16); n++) {
		vector<link> links = random_chain();
		int beats = 0, stalls = n % 2, image_beats = (int)one_of({1, 2, 5, 9}), after = 0;
		for (auto &l : links)
			beats += l.words();
		stream in, words, out;
		for (int k = 0; k < 8; k++) {
			bool whole = k == 7 || pick(0, 2) != 0 || beats == 1;
			int length = whole ? beats : (int)pick(1, beats - 1), mark = (int)pick(0, 1);
			for (int b = 0; b < length; b++) {
				word data = random_word(32);
				bool last = b == length - 1;
				in.push_back(word(data).put(last && (!whole || mark), 1).put(after, 16));
				words.push_back(word(data).put(last, 1));
			}
			after += whole ? (int)pick(1, 4 * image_beats) : 0;
		}
		out = pack(random_codes((after / image_beats + 3) * image_beats, 9, false), 9, 1);
		test t("load_port", n);
		t.source("a", in, stalls);
		t.source("i", out, stalls);
		t.sink("w", words, 0);
		t.sink("b", out, stalls);
		t.body += "    wire s_valid, s_ready, result, run_rst, o_valid, o_ready, door_fail;\n    wire [8:0] o_data = i_data;\n"
			"    wire [1:0] written = 2'd0";
		for (size_t i = 0; i < links.size(); i++)
			t.body += " + |l" + std::to_string(i) + "_we";
		t.body += ";\n    assign a_ready = s_valid && s_ready;\n";
		t.core("axgen_load_port", "dut", P("BEATS", beats) + P("LOADERS", (i64)links.size()) + P("IMAGE_BEATS", image_beats),
			"s_valid=s_valid s_ready=s_ready s_data=a_data[31:0] s_last=a_data[32] m_valid=w_valid m_ready=w_ready m_data=w_data "
			"in_valid=i_valid in_ready=i_ready out_valid=o_valid out_ready=o_ready result=result run_rst=run_rst");
		chain(t, links, "w");
		t.body += "    axgen_fifo #(.WIDTH(9), .DEPTH(" + std::to_string(pick(1, 12))
			+ ")) u_inside (.clk(clk), .rst(run_rst), .s_valid(o_valid), .s_ready(o_ready), .s_data(o_data), .m_valid(b_valid), "
			  ".m_ready(b_ready), .m_data(b_data));\n";
		t.core("axt_door", "u_door", P("BEATS", beats) + P("LOADERS", (i64)links.size()) + P("IMAGE_BEATS", image_beats) + "NAME=\"" + t.name + "\"",
			"a_valid=a_valid a_after=a_data[48:33] s_valid=s_valid s_ready=s_ready s_last=a_data[32] written=written enter=i_valid&&i_ready "
			"o_valid=o_valid o_ready=o_ready leave=b_valid&&b_ready result=result run_rst=run_rst fail=door_fail");
		t.fail += " || door_fail";
	}
}

// ---- common cores ------------------------
static void gen_fifo()
{
	int n = 0;
	for (int depth : {1, 2, 3, 4, 5, 8, 17})
		for (int stalls : {0, 1}) {
			int w = (int)one_of({1, 7, 40, 70});
			stream s = pack(random_codes(400, w, false), w, 1);
			test t("fifo", n++);
			t.source("a", s, stalls);
			t.sink("b", s, stalls, 100, stalls ? 0 : 100);
			t.core("axgen_fifo", "dut", P("WIDTH", w) + P("DEPTH", depth), plain("a", "b"));
		}
}

static void gen_gearbox()
{
	int n = 0;
	vector<vector<i64>> sets = {{1, 1, 1}, {3, 3, 6}, {6, 2, 6}, {6, 1, 6}, {1, 6, 6}, {2, 6, 12}, {2, 3, 6}, {3, 2, 6}, {4, 6, 12},
		{6, 4, 12}, {5, 3, 30}, {16, 10, 80}, {10, 16, 80}, {7, 6, 42}};
	for (int k = 0; k < sets_of(10); k++) {
		i64 c = one_of({6, 12, 16, 20, 30, 60});
		i64 in = divisor(c), out = divisor(c);
		sets.push_back({in, out, c});
	}
	for (auto &p : sets)
		for (int stalls : {0, 1}) {
			int w = (int)one_of({2, 8, 13});
			i64 pixels = std::max<i64>(8, 400 / p[2]);
			codes c = random_codes(pixels * p[2] * 4, w, false);
			test t("gearbox", n++);
			t.source("a", pack(c, w, (int)p[0]), stalls);
			stream m = pack(c, w, (int)p[1]);
			i64 per = pixels * p[2] / p[1];
			t.sink("b", m, stalls, per, stalls ? 0 : pixels * p[2] / std::min(p[0], p[1]));
			t.core("axgen_gearbox", "dut", P("CODE_W", w) + P("IN", p[0]) + P("OUT", p[1]) + P("PER_PIXEL", p[2]), plain("a", "b"));
		}
}

static void gen_permute()
{
	int n = 0;
	vector<vector<i64>> sets = {{1, 1, 1}, {6, 6, 6}, {6, 2, 6}, {1, 6, 6}, {2, 3, 6}, {2, 2, 12}, {16, 10, 80}};
	for (int k = 0; k < sets_of(10); k++) {
		i64 c = one_of({6, 12, 16, 20, 30, 60});
		i64 in = divisor(c), out = divisor(c);
		sets.push_back({in, out, c});
	}
	for (auto &p : sets)
		for (int stalls : {0, 1}) {
			int w = (int)one_of({2, 8, 13});
			i64 channels = p[2], pixels = std::max<i64>(8, 400 / channels);
			codes order(channels), c = random_codes(pixels * channels * 4, w, false), m(c.size());
			for (i64 i = 0; i < channels; i++)
				order[i] = i;
			std::shuffle(order.begin(), order.end(), rng);
			word parameter;
			for (i64 i = 0; i < channels; i++)
				parameter.put(order[i], 16);
			for (size_t i = 0; i < c.size(); i++)
				m[i] = c[i / channels * channels + order[i % channels]];
			test t("permute", n++);
			t.source("a", pack(c, w, (int)p[0]), stalls);
			i64 per = pixels * channels / p[1];
			t.sink("b", pack(m, w, (int)p[1]), stalls, per, stalls ? 0 : pixels * channels / std::min(p[0], p[1]));
			t.core("axgen_permute", "dut",
				P("CODE_W", w) + P("IN", p[0]) + P("OUT", p[1]) + P("PER_PIXEL", channels) + "ORDER="
					+ std::to_string(16 * channels) + "'h" + parameter.hex() + " ",
				plain("a", "b"));
		}
}

static void gen_fork()
{
	int n = 0;
	for (int stalls : {0, 1, 1}) {
		int beats = 7;
		stream s = pack(random_codes(350, 9, false), 9, 1), with_last;
		for (size_t i = 0; i < s.size(); i++) {
			word w = s[i];
			with_last.push_back(w.put(i % beats == (size_t)beats - 1, 1));
		}
		test t("fork", n++);
		t.source("a", s, stalls);
		t.sink("b", s, stalls, 50, stalls ? 0 : 50);
		t.sink("c", with_last, stalls, 50, stalls ? 0 : 50);
		t.body += "    wire [8:0] data;\n    wire last;\n    assign b_data = data;\n    assign c_data = {last, data};\n";
		t.core("axgen_fork", "dut", "WIDTH=9 N=2",
			"s_valid=a_valid s_ready=a_ready s_data=a_data m_valid={c_valid,b_valid} m_ready={c_ready,b_ready} m_data=data");
		t.core("axgen_last", "u_last", P("BEATS", beats), "valid=c_valid ready=c_ready last=last");
	}
}

// ---- window ------------------------
struct window {
	i64 code_w = 8, c = 1, h = 1, w = 1, kh = 1, kw = 1, sh = 1, sw = 1, pt = 0, pb = 0, pl = 0, pr = 0;
	i64 g = 1, th = 1, tw = 1, wch = 1, rows = 0, repeat = 1, hold = 1, pad = 0, groups = 1;
	i64 hp() const { return h + pt + pb; }
	i64 wp() const { return w + pl + pr; }
	i64 oh() const { return (hp() - kh) / sh + 1; }
	i64 ow() const { return (wp() - kw) / sw + 1; }
	i64 sf() const { return kh / th * (kw / tw) * (c / g); }
	i64 simd() const { return th * tw * g; }
	i64 in_beats() const { return h * w * c / wch; }
	i64 out_beats() const { return oh() * ow() * repeat * sf(); }
	i64 round_rows(i64 r) const { return (r + th - 1) / th * th; }
	i64 enough() const { return round_rows(oh() == 1 ? hp() + kh : 2 * kh + sh + (pt + pb >= kh ? pt + pb : 0)); }
	string parameters() const
	{
		return P("CODE_W", code_w) + P("C", c) + P("H", h) + P("W", w) + P("KH", kh) + P("KW", kw) + P("SH", sh) + P("SW", sw)
			+ P("PT", pt) + P("PB", pb) + P("PL", pl) + P("PR", pr) + P("G", g) + P("TH", th) + P("TW", tw) + P("WCH", wch)
			+ P("ROWS", rows) + P("REPEAT", repeat) + P("HOLD", hold) + P("PAD_CODE", pad) + P("GROUPS", groups);
	}
	i64 at(const codes &x, i64 image, i64 y, i64 xx, i64 ch) const  // padded coordinates
	{
		y -= pt;
		xx -= pl;
		if (y < 0 || y >= h || xx < 0 || xx >= w)
			return pad;
		return x[((image * h + y) * w + xx) * c + ch];
	}
	struct place {                          // of a word: pixel of the image, frame of the pixel, word of the frame
		i64 image, pixel, frame, sf;
		bool first, last, next, end;
	};
	codes lanes(const codes &x, const place &p, i64 oy, i64 ox) const
	{
		i64 nkx = kw / tw, ncb = c / g / groups, ky = p.sf / (nkx * ncb), kx = p.sf / ncb % nkx;
		i64 cb = p.frame / repeat * ncb + p.sf % ncb;
		codes lane;
		for (i64 i = 0; i < th; i++)
			for (i64 j = 0; j < tw; j++)
				for (i64 k = 0; k < g; k++)
					lane.push_back(at(x, p.image, oy * sh + ky * th + i, ox * sw + kx * tw + j, cb * g + k));
		return lane;
	}
	// every word, in order: blocks of `hold` pixels of a row, each word of the window for all of them
	void words(const codes &x, i64 images, const std::function<void(const place &, const codes &)> &f) const
	{
		i64 frame = sf() / groups;
		for (i64 n = 0; n < images; n++)
			for (i64 oy = 0; oy < oh(); oy++)
				for (i64 block = 0; block < ow(); block += hold)
					for (i64 r = 0; r < groups * repeat; r++)
						for (i64 s = 0; s < frame; s++)
							for (i64 ox = block, stop = std::min(block + hold, ow()); ox < stop; ox++) {
								bool next = ox == stop - 1;
								place p = {n, oy * ow() + ox, r, s, s == 0, s == frame - 1, next,
									next && oy == oh() - 1 && ox == ow() - 1 && r == groups * repeat - 1 && s == frame - 1};
								f(p, lanes(x, p, oy, ox));
							}
	}
	static window random(i64 max_words)
	{
		for (;;) {
			window p;
			p.code_w = one_of({2, 4, 8, 8, 8, 11});
			p.c = one_of({1, 1, 2, 3, 4, 6, 6, 8, 16});
			p.h = pick(1, 9);
			p.w = pick(1, 9);
			p.kh = pick(1, 6);
			p.kw = pick(1, 6);
			p.sh = one_of({1, 1, 2, 3});
			p.sw = one_of({1, 1, 2, 3, 5});
			p.pt = one_of({0, 0, pick(0, p.kh - 1), pick(0, p.kh + 3)});
			p.pb = one_of({0, 0, pick(0, p.kh), pick(0, p.kh + 3)});
			p.pl = one_of({0, 0, pick(0, p.kw)});
			p.pr = one_of({0, 0, pick(0, p.kw)});
			if (p.hp() < p.kh || p.wp() < p.kw)
				continue;
			p.wch = divisor(p.c);
			p.g = divisor(p.wch);
			p.th = divisor(p.kh);
			p.tw = divisor(p.kw);
			p.repeat = one_of({1, 1, 2, 3});
			p.hold = pick(0, 2) ? pick(1, p.ow()) : 1;
			p.groups = pick(0, 1) ? 1 : divisor(p.c / p.g);
			p.rows = p.round_rows(one_of({p.kh, p.kh + p.sh, 2 * p.kh + p.sh, pick(p.kh, 3 * p.kh + 4)}));
			p.rows = std::max(p.rows, p.round_rows(p.pt + 1));
			p.pad = random_code((int)p.code_w, true);
			if (p.out_beats() * 3 <= max_words && p.in_beats() * 3 <= max_words)
				return p;
		}
	}
};

static void window_test(const string &core, int n, const window &p, i64 images, int in_stalls, int out_stalls, i64 period)
{
	codes x = random_codes(images * p.h * p.w * p.c, (int)p.code_w, true);
	stream m;
	p.words(x, images, [&](const window::place &at, const codes &lane) {
		word w;
		for (i64 v : lane)
			w.put(v, (int)p.code_w);
		m.push_back(w.put(at.first, 1).put(at.last, 1).put(at.next, 1).put(at.end, 1));
	});
	test t(core, n);
	i64 bits = p.simd() * p.code_w;
	t.source("a", pack(x, (int)p.code_w, (int)p.wch), in_stalls);
	t.sink("b", m, out_stalls, p.out_beats(), period);
	t.core("axgen_window", "dut", p.parameters(),
		"s_valid=a_valid s_ready=a_ready s_data=a_data m_valid=b_valid m_ready=b_ready m_data=b_data[" + std::to_string(bits - 1)
		+ ":0] m_first=b_data[" + std::to_string(bits) + "] m_last=b_data[" + std::to_string(bits + 1) + "] m_next=b_data["
		+ std::to_string(bits + 2) + "] m_end=b_data[" + std::to_string(bits + 3) + "]");
}

static window make(std::map<string, i64> v)
{
	window p;
	auto get = [&](const char *k, i64 &x) {
		if (v.count(k))
			x = v[k];
	};
	get("c", p.c); get("h", p.h); get("w", p.w); get("kh", p.kh); get("kw", p.kw); get("sh", p.sh); get("sw", p.sw);
	get("pt", p.pt); get("pb", p.pb); get("pl", p.pl); get("pr", p.pr); get("g", p.g); get("th", p.th); get("tw", p.tw);
	get("wch", p.wch); get("repeat", p.repeat); get("groups", p.groups); get("hold", p.hold);
	p.rows = p.enough();
	get("rows", p.rows);
	return p;
}

static void gen_window()
{
	int n = 0;
	vector<window> sets = {
		make({}),                                                                                      // 1x1x1
		make({{"c", 16}, {"g", 4}, {"wch", 8}, {"repeat", 3}}),                                        // dense layer from a vector
		make({{"c", 3}, {"h", 4}, {"w", 5}, {"kh", 4}, {"kw", 5}, {"g", 1}, {"tw", 5}, {"th", 2}, {"wch", 3}}), // dense from an image
		make({{"c", 6}, {"h", 6}, {"w", 6}, {"kh", 5}, {"kw", 5}, {"g", 2}, {"wch", 6}, {"repeat", 2}}),
		make({{"c", 1}, {"h", 7}, {"w", 6}, {"kh", 5}, {"kw", 5}, {"pt", 2}, {"pb", 2}, {"pl", 2}, {"pr", 2}, {"tw", 5}, {"th", 5}}),
		make({{"c", 2}, {"h", 7}, {"w", 7}, {"kh", 3}, {"kw", 3}, {"sh", 2}, {"sw", 2}, {"pt", 1}, {"pl", 1}, {"g", 2}, {"wch", 2}, {"tw", 3}}),
		make({{"c", 1}, {"h", 9}, {"w", 9}, {"kh", 1}, {"kw", 1}, {"sh", 3}, {"sw", 2}, {"rows", 1}}),  // KH < SH, rows left over
		make({{"c", 4}, {"h", 5}, {"w", 3}, {"kh", 2}, {"kw", 3}, {"sh", 2}, {"th", 2}, {"pb", 3}, {"pt", 1}, {"rows", 2}, {"g", 2}, {"wch", 4}}),
		make({{"h", 2}, {"w", 2}, {"kh", 2}, {"kw", 2}, {"pt", 5}, {"pb", 4}, {"pl", 3}, {"pr", 4}, {"rows", 6}}),  // windows of padding alone
		make({{"h", 1}, {"w", 3}, {"kh", 1}, {"kw", 1}, {"pt", 3}, {"pb", 2}, {"sh", 2}, {"rows", 15}}),
		make({{"c", 16}, {"h", 3}, {"w", 3}, {"wch", 4}, {"g", 4}, {"kh", 3}, {"kw", 3}, {"pt", 1}, {"pb", 1}, {"pl", 1}, {"pr", 1}, {"groups", 4}}),
		make({{"c", 12}, {"h", 4}, {"w", 4}, {"wch", 4}, {"g", 1}, {"kh", 3}, {"kw", 3}, {"pt", 1}, {"pl", 1}, {"tw", 3}, {"groups", 2}, {"repeat", 2}}), // a group begins within a word
		make({{"c", 12}, {"h", 4}, {"w", 4}, {"wch", 6}, {"g", 2}, {"kh", 3}, {"kw", 2}, {"th", 3}, {"sw", 2}, {"groups", 2}, {"repeat", 3}}),
		make({{"c", 4}, {"h", 5}, {"w", 9}, {"kh", 3}, {"kw", 3}, {"pl", 1}, {"pr", 2}, {"tw", 3}, {"g", 2}, {"wch", 4}, {"repeat", 2}, {"hold", 4}}),
		make({{"c", 6}, {"h", 4}, {"w", 11}, {"kh", 2}, {"kw", 4}, {"sw", 3}, {"pt", 1}, {"pl", 3}, {"tw", 2}, {"g", 3}, {"wch", 3}, {"hold", 2}}),
		make({{"h", 4}, {"w", 9}, {"kh", 1}, {"kw", 1}, {"hold", 8}, {"repeat", 3}}),                   // a last block of one pixel
		make({{"c", 12}, {"h", 4}, {"w", 9}, {"wch", 6}, {"g", 2}, {"kh", 3}, {"kw", 2}, {"th", 3}, {"sw", 2}, {"groups", 2}, {"repeat", 3}, {"hold", 3}}),
	};
	for (auto &p : sets) {
		p.pad = random_code(8, true);
		window_test("window", n++, p, 3, 1, 1, 0);
	}
	for (int k = 0; k < sets_of(60); k++) {
		window p = window::random(1500);
		window_test("window", n++, p, pick(2, 4), (int)pick(0, 2), (int)pick(0, 2), 0);
	}
}

// steady state without stalls: an image takes exactly max(beats in, words out) cycles
static void gen_throughput()
{
	int n = 0;
	vector<window> sets = {
		make({{"h", 28}, {"w", 28}, {"kh", 5}, {"kw", 5}, {"pt", 2}, {"pb", 2}, {"pl", 2}, {"pr", 2}, {"th", 5}, {"tw", 5}}),
		make({{"h", 28}, {"w", 28}, {"kh", 5}, {"kw", 5}, {"pt", 2}, {"pb", 2}, {"pl", 2}, {"pr", 2}, {"tw", 5}, {"rows", 11}}),
		make({{"h", 14}, {"w", 28}, {"kh", 5}, {"kw", 5}, {"th", 5}, {"tw", 5}}),                       // input-bound
		make({{"c", 6}, {"h", 14}, {"w", 14}, {"kh", 5}, {"kw", 5}, {"g", 6}, {"wch", 6}, {"tw", 5}, {"repeat", 2}}),
		make({{"c", 16}, {"h", 5}, {"w", 5}, {"kh", 5}, {"kw", 5}, {"g", 16}, {"wch", 16}, {"tw", 5}, {"th", 5}}), // dense, input-bound
		make({{"c", 16}, {"h", 5}, {"w", 5}, {"kh", 5}, {"kw", 5}, {"g", 4}, {"wch", 16}, {"repeat", 3}}),         // dense
		make({{"c", 60}, {"g", 10}, {"wch", 10}, {"repeat", 4}}),                                       // dense from a vector
		make({{"c", 60}, {"g", 10}, {"wch", 10}}),                                                      // ... balanced
		make({{"c", 4}, {"h", 16}, {"w", 16}, {"kh", 3}, {"kw", 3}, {"sh", 2}, {"sw", 2}, {"pt", 1}, {"pl", 1}, {"g", 4}, {"wch", 4}, {"th", 3}, {"tw", 3}}),
		make({{"c", 6}, {"h", 14}, {"w", 14}, {"kh", 5}, {"kw", 5}, {"g", 6}, {"wch", 6}, {"tw", 5}, {"repeat", 2}, {"hold", 8}}),
	};
	for (auto &p : sets)
		window_test("throughput", n++, p, 5, 0, 0, std::max(p.in_beats(), p.out_beats()));
	for (int k = 0; k < sets_of(24); k++) {
		window p = window::random(1500);
		if (p.pl + p.pr >= p.kw) {
			k--;
			continue;
		}
		p.rows = p.enough();
		window_test("throughput", n++, p, 6, 0, 0, std::max(p.in_beats(), p.out_beats()));
	}
}

// ---- matrix-vector unit, requantisation ------------------------
// an "approximate" product that a generated netlist might compute: the low bits of the exact one cleared for odd lanes
static i64 product(i64 a, i64 w, i64 lane) { return lane % 2 ? (a * w) & ~(i64)7 : a * w; }

struct mvu {
	i64 code_w, weight_w, pe, simd, nf, sf, acc_w;
	i64 hold = 1;                   // pixels with partial sums of their own
	i64 carry_save = 0;
	i64 zero = 0;                   // point of the weights
	i64 groups = 1, cg = 1;         // of a grouped convolution at work side by side, channels of each in a tap
	bool act_signed;
	codes weight, bias;             // weight [nf][sf][pe][simd], bias [nf][pe]
	i64 prod_w() const { return code_w + weight_w + 1; }
	static mvu random(i64 simd, i64 sf, i64 code_w, bool act_signed, i64 groups = 1, i64 cg = 1)
	{
		mvu m;
		m.code_w = code_w;
		m.weight_w = one_of({2, 4, 8, 8});
		m.groups = groups;
		m.cg = cg;
		m.pe = groups * pick(1, groups > 1 ? 2 : 4);
		m.nf = pick(1, 4);
		m.simd = simd;
		m.sf = sf;
		m.act_signed = act_signed;
		m.zero = one_of({0, pick(-7, 7), pick(0, 255)});
		m.acc_w = m.prod_w() + clog2(simd * sf) + (m.zero ? 9 : 2);
		m.weight = random_codes(m.nf * sf * m.pe * simd, (int)m.weight_w, true);
		m.bias = random_codes(m.nf * m.pe, (int)m.acc_w - 2, true);
		return m;
	}
	i64 accumulate(i64 f, i64 p, const vector<codes> &words) const
	{
		i64 acc = bias[f * pe + p];
		for (i64 s = 0; s < sf; s++)
			for (i64 l = 0; l < simd; l++) {
				i64 a = words[s][(l / cg * groups + p / (pe / groups)) * cg + l % cg];
				acc += product(a, weight[((f * sf + s) * pe + p) * simd + l], l) - zero * a;
			}
		return acc;
	}
	// front, multipliers, back between streams with the prefixes s (data, first, last, next) and m (acc, next)
	// passes: the weights come so many times over a stream of their own, else they are in a ROM
	void emit(test &t, const string &s, const string &first, const string &last, const string &next, const string &m, int passes = 0,
		int stalls = 0) const
	{
		string memory, words;
		if (passes) {
			stream pass = pack(weight, (int)weight_w, (int)(pe * simd)), all;
			for (int k = 0; k < passes; k++)
				all.insert(all.end(), pass.begin(), pass.end());
			t.source("x", all, stalls);
			t.body += "    wire y_valid, y_ready;\n    wire [" + std::to_string(pe * simd * weight_w - 1) + ":0] y_data;\n";
			t.core("axgen_weight_port", "u_port", P("WIDTH", pe * simd * weight_w) + P("WORDS", nf * sf), "run_rst=rst " + plain("x", "y"));
			memory = P("STREAM", 1);
			words = " w_valid=y_valid w_ready=y_ready w_data=y_data";
		}
		if (!passes)
			memory = "WEIGHT_FILE=\"" + t.file("weight", pack(weight, (int)weight_w, (int)(pe * simd))) + "\"";
		string bf = t.file("bias", pack(bias, (int)acc_w, (int)pe));
		std::ostringstream v;
		v << "    wire f_valid, f_ready, f_first, f_last, f_next;\n    wire [" << groups * simd * code_w - 1 << ":0] f_act;\n    wire ["
		  << pe * simd * weight_w - 1 << ":0] f_weight;\n    wire [" << pe * simd * prod_w() - 1 << ":0] prod;\n";
		v << "    genvar gp, gl;\n    generate for (gp = 0; gp < " << pe << "; gp = gp + 1) begin : g_pe for (gl = 0; gl < " << simd
		  << "; gl = gl + 1) begin : g_lane\n        wire signed [" << prod_w() - 1 << ":0] a = "
		  << (act_signed ? "$signed(" : "$signed({1'b0, ") << "f_act[(gp/" << pe / groups << "*" << simd << "+gl)*" << code_w << " +: " << code_w << "]"
		  << (act_signed ? ")" : "})") << ";\n        wire signed [" << prod_w() - 1 << ":0] w = $signed(f_weight[(gp*" << simd
		  << "+gl)*" << weight_w << " +: " << weight_w << "]);\n        wire signed [" << prod_w() - 1
		  << ":0] p = a * w;\n        assign prod[(gp*" << simd << "+gl)*" << prod_w() << " +: " << prod_w()
		  << "] = (gl % 2 != 0) ? {p[" << prod_w() - 1 << ":3], 3'd0} : p;\n    end end endgenerate\n";
		t.body += v.str();
		t.core("axgen_mvu_front", "u_front", P("CODE_W", code_w) + P("WEIGHT_W", weight_w) + P("PE", pe) + P("SIMD", simd)
			+ P("NF", nf) + P("SF", sf) + P("GROUPS", groups) + P("CG", cg) + memory,
			"s_valid=" + s + "_valid s_ready=" + s + "_ready s_data=" + s + " s_first=" + first + " s_last=" + last
			+ " s_next=" + next + " m_valid=f_valid m_ready=f_ready m_act=f_act m_weight=f_weight m_first=f_first m_last=f_last "
			"m_next=f_next" + words);
		t.core("axgen_mvu_back", "u_back", P("PE", pe) + P("SIMD", simd) + P("PROD_W", prod_w()) + P("PROD_SIGNED", 1)
			+ P("ACC_W", acc_w) + P("NF", nf) + P("HOLD", hold) + P("CODE_W", code_w) + P("CODE_SIGNED", act_signed) + P("GROUPS", groups)
			+ P("WEIGHT_ZERO", zero) + P("CARRY_SAVE", carry_save) + "BIAS_FILE=\"" + bf + "\"",
			"s_valid=f_valid s_ready=f_ready s_prod=prod s_act=f_act s_first=f_first s_last=f_last s_next=f_next m_valid=" + m
			+ "_valid m_ready=" + m + "_ready m_acc=" + m + "_acc m_group=" + m + "_group m_next=" + m + "_next");
	}
};

static void gen_mvu()
{
	for (int n = 0; n < sets_of(16); n++) {
		i64 sf = one_of({1, 1, 2, 3, 7}), simd = n < 4 ? 1 + n : pick(1, 12), code_w = one_of({2, 5, 8}), passes = 40;
		i64 groups = one_of({1, 1, 2, 3});
		mvu m = mvu::random(simd, sf, code_w, pick(0, 1), groups, divisor(simd));
		int stalls = n % 3;
		m.hold = n % 4 == 1 ? 1 : pick(1, 6);
		m.carry_save = n % 5 % 2;
		stream in, out;
		for (i64 k = 0, pixels = m.hold; k < passes * m.nf; k++) {
			if (stalls && k % m.nf == 0)                            // blocks of any length
				pixels = pick(1, m.hold);
			vector<vector<codes>> words(pixels, vector<codes>(sf));
			for (i64 s = 0; s < sf; s++)
				for (i64 h = 0; h < pixels; h++) {
					words[h][s] = random_codes(groups * simd, (int)code_w, m.act_signed);
					in.push_back(pack(words[h][s], (int)code_w, (int)(groups * simd))[0].put(s == 0, 1).put(s == sf - 1, 1)
						.put(h == pixels - 1, 1));
				}
			for (i64 h = 0; h < pixels; h++) {
				word w;
				for (i64 p = 0; p < m.pe; p++)
					w.put(m.accumulate(k % m.nf, p, words[h]), (int)m.acc_w);
				out.push_back(w.put(k % m.nf, std::max(1, clog2(m.nf))).put(h == pixels - 1, 1));
			}
		}
		test t("mvu", n);
		i64 b = groups * simd * code_w, acc = m.pe * m.acc_w;
		t.source("a", in, stalls);
		t.sink("b", out, stalls, 10 * m.hold, stalls ? 0 : 10 * m.hold * sf);
		t.body += "    wire [" + std::to_string(acc - 1) + ":0] b_acc;\n    wire [" + std::to_string(std::max(1, clog2(m.nf)) - 1)
			+ ":0] b_group;\n    wire b_next;\n    wire a_in_valid = a_valid;\n    wire a_in_ready;\n    assign a_ready = a_in_ready;\n"
			"    wire [" + std::to_string(b - 1) + ":0] a_in = a_data[" + std::to_string(b - 1)
			+ ":0];\n    assign b_data = {b_next, b_group, b_acc};\n";
		auto flag = [&](i64 i) { return "a_data[" + std::to_string(b + i) + "]"; };
		m.emit(t, "a_in", flag(0), flag(1), flag(2), "b", n % 2 ? (int)passes : 0, stalls);
	}
}

// a block's results leave pixel after pixel; at full rate also where the blocks of a row differ in length
// Streamed weights where the layer is reset now and then, in the middle of a pass too (axt_pass).
static void gen_weight_port()
{
	for (int n = 0; n < sets_of(12); n++) {
		int words = (int)one_of({1, 2, 3, 7, 20}), stalls = n % 3;
		codes number(5000);
		for (size_t i = 0; i < number.size(); i++)
			number[i] = (i64)i;
		test t("weight_port", n);
		t.source("a", pack(number, 16, 1), stalls != 1);
		t.body += "    wire b_valid, b_ready, b_done, b_fail, run_rst;\n    wire [15:0] b_data;\n";
		t.core("axgen_weight_port", "dut", P("WIDTH", 16) + P("WORDS", words), "run_rst=run_rst " + plain("a", "b"));
		t.core("axt_pass", "u_pass", P("WORDS", words) + P("COUNT", 40) + P("STALLS", stalls > 1 ? pick(1, 1000000) : 0) + "NAME=\"" + t.name + "\"",
			"run_rst=run_rst valid=b_valid ready=b_ready number=b_data done=b_done fail=b_fail");
		t.done += " && b_done";
		t.fail += " || b_fail";
	}
}

static void gen_transpose()
{
	for (int n = 0; n < sets_of(24); n++) {
		i64 w = one_of({1, 8, 24}), nf = one_of({1, 2, 2, 3, 5, 8}), hold = pick(1, 9), row = hold * pick(1, 3) + pick(0, hold - 1);
		int stalls = n % 3;
		codes x, y;
		stream in;
		for (i64 k = 0; k < 8; k++)
			for (i64 left = row, pixels; left > 0; left -= pixels) {
				pixels = std::min(stalls ? pick(1, hold) : hold, left);
				codes block = random_codes(pixels * nf, (int)w, false);
				for (i64 f = 0; f < nf; f++)
					for (i64 h = 0; h < pixels; h++)
						in.push_back(pack({block[h * nf + f]}, (int)w, 1)[0].put(h == pixels - 1, 1));
				y.insert(y.end(), block.begin(), block.end());
			}
		test t("transpose", n);
		t.source("a", in, stalls);
		t.sink("b", pack(y, (int)w, 1), stalls, row * nf, stalls ? 0 : row * nf);
		string bits = std::to_string(w - 1);
		t.core("axgen_transpose", "dut", P("WIDTH", w) + P("NF", nf) + P("HOLD", hold), "s_valid=a_valid s_ready=a_ready s_data=a_data["
			+ bits + ":0] s_next=a_data[" + std::to_string(w) + "] m_valid=b_valid m_ready=b_ready m_data=b_data");
	}
}

struct requant {
	i64 acc_w, m_w, shift, out_w, lo, hi, pe, nf, zero;
	bool out_signed, acc_signed = true;
	i64 repeat = 1, shared = 0;
	codes m;
	static requant random(i64 acc_w, i64 pe, i64 nf, i64 shift)
	{
		requant r;
		r.acc_w = acc_w;
		r.pe = pe;
		r.nf = nf;
		r.m_w = one_of({1, 8, 15, 16, 16});
		r.shift = shift;
		r.out_w = one_of({2, 4, 8, 8, 8, 16});
		r.out_signed = pick(0, 1);
		i64 min = r.out_signed ? -((i64)1 << (r.out_w - 1)) : 0, max = min + ((i64)1 << r.out_w) - 1;
		r.zero = one_of({min <= 0 ? 0 : min, min, max, pick(min, max)});
		r.lo = one_of({min, min, r.zero, pick(min, max)});
		r.hi = one_of({max, max, pick(r.lo, max)});
		r.m = random_codes(pe * nf, (int)r.m_w, false);
		return r;
	}
	static i64 round_clamp(__int128 x, i64 shift, i64 lo, i64 hi, i64 zero = 0)
	{
		x = ((x + ((__int128)1 << (shift - 1))) >> shift) + zero;
		return x < lo ? lo : x > hi ? hi : (i64)x;
	}
	i64 operator()(i64 acc, i64 n, i64 p) const { return round_clamp((__int128)acc * m[shared ? n / repeat % nf : n / repeat % nf * pe + p], shift, lo, hi, zero); }
	string parameters(test &t) const
	{
		return P("PE", pe) + P("ACC_W", acc_w) + P("ACC_SIGNED", acc_signed) + P("M_W", m_w) + P("SHIFT", shift) + P("OUT_W", out_w) + P("OUT_SIGNED", out_signed)
			+ P("LO", lo) + P("HI", hi) + P("ZERO", zero) + P("NF", nf) + P("REPEAT", repeat) + P("SHARED", shared) + "MULT_FILE=\""
			+ t.file("mult", pack(m, (int)m_w, shared ? 1 : (int)pe)) + "\"";
	}
};

static void gen_requant()
{
	for (int n = 0; n < sets_of(20); n++) {
		i64 acc_w = n == 0 ? 4 : n == 1 ? 48 : pick(6, 40), pe = pick(1, 5), nf = pick(1, 5);
		i64 shift = n == 0 ? 47 : n == 1 ? 1 : n < 6 ? pick(1, 47) : pick(std::max<i64>(1, acc_w - 8), acc_w + 8);
		requant r = requant::random(acc_w, pe, nf, std::min<i64>(shift, 47));
		r.acc_signed = n % 4 != 3;
		r.repeat = one_of({1, 1, 2, 3});
		r.shared = pick(0, 1);
		if (r.shared)
			r.m.resize(nf);
		int stalls = n % 3;
		codes acc = random_codes(300 * pe, (int)acc_w, r.acc_signed), y;
		for (size_t i = 0; i < acc.size(); i++) {
			if (n % 2)                                              // around the clamps and rounding edges too
				acc[i] >>= pick(0, acc_w - 1);
			y.push_back(r(acc[i], (i64)i / pe, (i64)i % pe));
		}
		test t("requant", n);
		t.source("a", pack(acc, (int)acc_w, (int)pe), stalls);
		t.sink("b", pack(y, (int)r.out_w, (int)pe), stalls, 60, stalls ? 0 : 60);
		t.core("axgen_requant", "dut", r.parameters(t),
			"s_valid=a_valid s_ready=a_ready s_acc=a_data m_valid=b_valid m_ready=b_ready m_data=b_data");
	}
}

static void gen_add()
{
	for (int n = 0; n < sets_of(12); n++) {
		i64 lanes = pick(1, 4), aw = one_of({2, 8, 16}), bw = one_of({3, 8, 16}), as = pick(0, 1), bs = pick(0, 1), mw = one_of({4, 16});
		i64 ma = random_code((int)mw, false), mb = random_code((int)mw, false), shift = pick(1, aw + mw);
		requant r = requant::random(8, 1, 1, shift);
		int stalls = n % 2;
		i64 za = n % 3 ? random_code((int)aw, as) : 0, zb = n % 3 ? random_code((int)bw, bs) : 0, zy = n % 3 == 1 ? pick(r.lo, r.hi) : 0;
		codes a = random_codes(300 * lanes, (int)aw, as), b = random_codes(300 * lanes, (int)bw, bs), y;
		for (size_t i = 0; i < a.size(); i++)
			y.push_back(zy + requant::round_clamp((__int128)(a[i] - za) * ma + (__int128)(b[i] - zb) * mb, shift, r.lo - zy, r.hi - zy));
		test t("add", n);
		t.source("a", pack(a, (int)aw, (int)lanes), stalls);
		t.source("b", pack(b, (int)bw, (int)lanes), stalls);
		t.sink("y", pack(y, (int)r.out_w, (int)lanes), stalls, 60, stalls ? 0 : 60);
		t.core("axgen_add", "dut", P("LANES", lanes) + P("A_W", aw) + P("A_SIGNED", as) + P("A_ZERO", za) + P("B_W", bw) + P("B_SIGNED", bs)
			+ P("B_ZERO", zb) + P("OUT_ZERO", zy) + P("M_W", mw) + P("MA", ma) + P("MB", mb) + P("SHIFT", shift) + P("OUT_W", r.out_w) + P("OUT_SIGNED", r.out_signed) + P("LO", r.lo)
			+ P("HI", r.hi), "a_valid=a_valid a_ready=a_ready a_data=a_data b_valid=b_valid b_ready=b_ready b_data=b_data "
			"m_valid=y_valid m_ready=y_ready m_data=y_data");
	}
}

// ---- concatenation and padding ------------------------
static i64 clamped(i64 x, i64 lo, i64 hi) { return x < lo ? lo : x > hi ? hi : x; }

static void gen_concat()
{
	for (int n = 0; n < sets_of(10); n++) {
		i64 lanes = pick(1, 3), w = one_of({2, 8, 12}), sg = pick(0, 1), inputs = n % 3 + 1, pixels = 40;
		i64 lo = random_code((int)w, sg), hi = std::max(lo, random_code((int)w, sg));
		vector<i64> beats(inputs);
		vector<codes> x(inputs);
		string order, valid, ready, data;
		int stalls = n % 2;
		i64 all = 0;
		for (i64 i = 0; i < inputs; i++) {
			beats[i] = pick(1, 4);
			all += beats[i];
			x[i] = random_codes(pixels * beats[i] * lanes, (int)w, sg);
		}
		codes y;
		for (i64 p = 0; p < pixels; p++)
			for (i64 i = 0; i < inputs; i++)
				for (i64 k = 0; k < beats[i] * lanes; k++)
					y.push_back(clamped(x[i][p * beats[i] * lanes + k], lo, hi));
		test t("concat", n);
		for (i64 i = 0; i < inputs; i++) {
			string s(1, (char)('a' + i)), comma = i ? "," : "";
			t.source(s, pack(x[i], (int)w, (int)lanes), stalls);
			valid = s + "_valid" + comma + valid;
			ready = s + "_ready" + comma + ready;
			data = s + "_data" + comma + data;
			order = "16'd" + std::to_string(beats[i]) + comma + order;
		}
		t.sink("y", pack(y, (int)w, (int)lanes), stalls, all, stalls ? 0 : all);
		t.core("axgen_concat", "dut", P("LANES", lanes) + P("CODE_W", w) + P("SIGNED", sg) + P("N", inputs) + "BEATS={" + order + "} "
			+ P("LO", lo) + P("HI", hi), "s_valid={" + valid + "} s_ready={" + ready + "} s_data={" + data
			+ "} m_valid=y_valid m_ready=y_ready m_data=y_data");
	}
}

static void gen_join()
{
	for (int n = 0; n < sets_of(6); n++) {
		i64 w = one_of({2, 8, 12}), sg = pick(0, 1), inputs = n % 3 + 1, pixels = 60, all = 0;
		i64 lo = random_code((int)w, sg), hi = std::max(lo, random_code((int)w, sg));
		vector<i64> c(inputs);
		vector<codes> x(inputs);
		string valid, ready, data;
		int stalls = n % 2;
		for (i64 i = 0; i < inputs; i++) {
			c[i] = pick(1, 5);
			all += c[i];
			x[i] = random_codes(pixels * c[i], (int)w, sg);
		}
		codes y;
		for (i64 p = 0; p < pixels; p++)
			for (i64 i = 0; i < inputs; i++)
				for (i64 k = 0; k < c[i]; k++)
					y.push_back(clamped(x[i][p * c[i] + k], lo, hi));
		test t("join", n);
		for (i64 i = 0; i < inputs; i++) {
			string s(1, (char)('a' + i)), comma = i ? "," : "";
			t.source(s, pack(x[i], (int)w, (int)c[i]), stalls);
			valid = s + "_valid" + comma + valid;
			ready = s + "_ready" + comma + ready;
			data = s + "_data" + comma + data;
		}
		t.sink("y", pack(y, (int)w, (int)all), stalls, 10, stalls ? 0 : 10);
		t.core("axgen_join", "dut", P("LANES", all) + P("CODE_W", w) + P("SIGNED", sg) + P("N", inputs) + P("LO", lo) + P("HI", hi),
			"s_valid={" + valid + "} s_ready={" + ready + "} s_data={" + data + "} m_valid=y_valid m_ready=y_ready m_data=y_data");
	}
}

static void gen_pad()
{
	for (int n = 0; n < sets_of(16); n++) {
		i64 lanes = pick(1, 3), w = one_of({2, 8, 12}), sg = pick(0, 1), images = 4;
		i64 c = lanes * pick(1, 3), c0 = lanes * pick(0, 2), c1 = lanes * pick(0, 2), h = pick(1, 5), wd = pick(1, 5);
		i64 pt = n % 3 ? pick(0, 2) : 0, pb = pick(0, 2), pl = n % 3 ? pick(0, 2) : 0, pr = pick(0, 2);
		i64 lo = random_code((int)w, sg), hi = std::max(lo, random_code((int)w, sg)), code = random_code((int)w, sg);
		int stalls = n % 2, whole = n % 4 == 3;
		if (whole) {
			c0 = pick(0, 3);
			c1 = pick(0, 3);
			lanes = c;
		}
		i64 out = whole ? c0 + c + c1 : lanes;
		codes x = random_codes(images * c * h * wd, (int)w, sg), y;
		for (i64 i = 0; i < images; i++)
			for (i64 r = -pt; r < h + pb; r++)
				for (i64 q = -pl; q < wd + pr; q++)
					for (i64 k = -c0; k < c + c1; k++) {
						bool own = r >= 0 && r < h && q >= 0 && q < wd && k >= 0 && k < c;
						y.push_back(clamped(own ? x[((i * h + r) * wd + q) * c + k] : code, lo, hi));
					}
		i64 beats = (pt + h + pb) * (pl + wd + pr) * (c0 + c + c1) / out;
		test t("pad", n);
		t.source("a", pack(x, (int)w, (int)lanes), stalls);
		t.sink("y", pack(y, (int)w, (int)out), stalls, beats, stalls ? 0 : beats);
		t.core("axgen_pad", "dut", P("LANES", lanes) + P("CODE_W", w) + P("SIGNED", sg) + P("C", c) + P("H", h) + P("W", wd) + P("C0", c0)
			+ P("C1", c1) + P("PT", pt) + P("PB", pb) + P("PL", pl) + P("PR", pr) + P("WHOLE", whole) + P("CODE", code) + P("LO", lo) + P("HI", hi),
			plain("a", "y"));
	}
}

// ---- pooling ------------------------
static void gen_pool()
{
	for (int n = 0; n < sets_of(32); n++) {
		window p;
		p.code_w = one_of({3, 8, 8, 12});
		p.c = one_of({1, 1, 2, 3, 6, 8, 16});
		p.wch = n % 4 == 0 ? p.c : divisor(p.c);
		p.kh = one_of({1, 2, 2, 3, 4});
		p.kw = n % 5 == 0 ? p.kh : one_of({1, 2, 2, 3});
		p.h = p.kh + pick(0, 7);
		p.w = n % 7 == 0 ? p.kw : p.kw + pick(0, 7);
		p.g = p.wch;
		p.sh = p.kh;
		p.sw = p.kw;
		p.groups = p.c / p.g;
		bool sum = pick(0, 1), sg = pick(0, 1);
		i64 acc_w = p.code_w + (sum ? clog2(p.kh * p.kw) + pick(0, 2) : 0), images = 5;
		i64 offset = sum ? random_code((int)acc_w, true) : 0;
		int stalls = n % 3;
		codes x = random_codes(images * p.h * p.w * p.c, (int)p.code_w, sg), y;
		codes acc;
		p.words(x, images, [&](const window::place &at, const codes &lane) {
			if (at.first)
				acc = codes(lane.size(), sum ? offset : lane[0]);
			for (size_t k = 0; k < lane.size(); k++)
				acc[k] = sum ? acc[k] + lane[k] : at.first ? lane[k] : std::max(acc[k], lane[k]);
			if (at.last)
				y.insert(y.end(), acc.begin(), acc.end());
		});
		test t("pool", n);
		t.source("a", pack(x, (int)p.code_w, (int)p.wch), stalls);
		t.sink("b", pack(y, (int)acc_w, (int)p.wch), stalls, (i64)y.size() / p.wch / images, stalls ? 0 : p.in_beats());
		t.core("axgen_pool", "dut", P("CODE_W", p.code_w) + P("CODE_SIGNED", sg) + P("C", p.c) + P("WCH", p.wch) + P("H", p.h) + P("W", p.w)
			+ P("KH", p.kh) + P("KW", p.kw) + "OP=" + (sum ? "\"SUM\" " : "\"MAX\" ") + P("ACC_W", acc_w) + P("OFFSET", offset), plain("a", "b"));
	}
}

static void gen_pool_window()
{
	for (int n = 0; n < sets_of(12); n++) {
		window p = window::random(1500);
		bool sum = pick(0, 1), sg = pick(0, 1);
		p.th = p.tw = 1;
		p.wch = p.g = divisor(p.c);
		p.groups = p.c / p.g;
		p.repeat = p.hold = 1;
		p.rows = std::max(p.kh + p.sh, p.pt + 1);
		p.pad = sum ? random_code((int)p.code_w, sg) : sg ? -((i64)1 << (p.code_w - 1)) : 0;
		i64 acc_w = p.code_w + (sum ? clog2(p.kh * p.kw) + pick(0, 1) : 0), images = 3;
		i64 offset = sum ? random_code((int)acc_w, true) : 0;
		int stalls = n % 3;
		codes x = random_codes(images * p.h * p.w * p.c, (int)p.code_w, sg), y, acc;
		p.words(x, images, [&](const window::place &at, const codes &lane) {
			if (at.first)
				acc = codes(lane.size(), sum ? offset : lane[0]);
			for (size_t k = 0; k < lane.size(); k++)
				acc[k] = sum ? acc[k] + lane[k] : at.first ? lane[k] : std::max(acc[k], lane[k]);
			if (at.last)
				y.insert(y.end(), acc.begin(), acc.end());
		});
		test t("pool_window", n);
		t.source("a", pack(x, (int)p.code_w, (int)p.wch), stalls);
		t.sink("b", pack(y, (int)acc_w, (int)p.wch), stalls);
		t.body += "    wire w_valid, w_ready, w_first, w_last;\n    wire [" + std::to_string(p.g * p.code_w - 1) + ":0] w_data;\n";
		t.core("axgen_window", "u_window", p.parameters(), "s_valid=a_valid s_ready=a_ready s_data=a_data m_valid=w_valid "
			"m_ready=w_ready m_data=w_data m_first=w_first m_last=w_last m_next= m_end=");
		t.core("axgen_pool_window", "dut", P("CODE_W", p.code_w) + P("CODE_SIGNED", sg) + P("WCH", p.wch) + "OP="
			+ (sum ? "\"SUM\" " : "\"MAX\" ") + P("ACC_W", acc_w) + P("OFFSET", offset), "s_valid=w_valid s_ready=w_ready s_data=w_data s_first=w_first "
			"s_last=w_last m_valid=b_valid m_ready=b_ready m_data=b_data");
	}
}

// ---- helpers: what the cores above are built of, by themselves ------------------------
// One beat in, one out at once: `ports` says which bits of a_data and b_data a port has, lowest first: "amount<3 s_data<24 m_data>24".
// Clocked ones step with each beat.
static void gen_helper(int n, const string &module, bool clocked, const string &parameters, const string &ports, const stream &in, const stream &out)
{
	test t("helper_" + module, n);
	int stalls = n % 2;
	t.source("a", in, stalls);
	t.sink("b", out, stalls);
	std::istringstream list(ports);
	string port, pins;
	int from[2] = {0, 0};
	while (list >> port) {
		size_t e = port.find_first_of("<>");
		int to = port[e] == '>', width = std::stoi(port.substr(e + 1)), at = from[to];
		from[to] += width;
		pins += (pins.empty() ? "." : ", .") + port.substr(0, e) + "(" + (to ? "b" : "a") + "_data[" + std::to_string(at + width - 1) + ":"
			+ std::to_string(at) + "])";
	}
	t.body += "    assign b_valid = a_valid;\n    assign a_ready = b_ready;\n    axgen_" + module + " #(" + test::pins(parameters) + ") dut ("
		+ (clocked ? ".clk(clk), .rst(rst), .en(a_valid && a_ready), " : "") + pins + ");\n";
}

static i64 wrapped(i64 v, int w, bool is_signed)
{
	v &= ((i64)1 << w) - 1;
	return is_signed && (v >> (w - 1) & 1) ? v - ((i64)1 << w) : v;
}

static void gen_adder_trees(int &n)
{
	for (int k = 0; k < sets_of(12); k++) {
		int terms = k < 5 ? k + 1 : (int)pick(1, 40), in_w = (int)pick(1, 20), sg = (int)pick(0, 1), out_w = (int)pick(1, 30);
		stream in, out;
		for (int b = 0; b < 100; b++) {
			codes c = random_codes(terms, in_w, sg);
			i64 sum = 0;
			for (i64 v : c)
				sum += v;
			in.push_back(pack(c, in_w, terms)[0]);
			out.push_back(word().put(sum, out_w));
		}
		gen_helper(n++, "adder_tree", false, P("N", terms) + P("IN_W", in_w) + P("IN_SIGNED", sg) + P("OUT_W", out_w),
			"s_data<" + std::to_string(terms * in_w) + " sum>" + std::to_string(out_w), in, out);
	}
}

// Bit by bit, from genlib/adders' definitions.
static i64 approx(int family, int a, int b, int w, i64 x, i64 y)
{
	i64 sum = 0;
	auto bit = [](i64 v, int i) { return (int)(v >> i & 1); };
	for (int i = 0; i < w; i++) {
		int from = family == 3 ? std::max(0, i / a * a - b) : family ? a : 0;
		int carry = family == 1 && bit(x, a - 1) && bit(y, a - 1), s;
		for (int k = from; k < i; k++)
			carry = bit(x, k) + bit(y, k) + carry > 1;
		s = (bit(x, i) + bit(y, i) + carry) & 1;
		if (i < from)
			s = family == 1 && (bit(x, i) || bit(y, i));
		sum |= (i64)s << i;
	}
	return sum;
}

static void gen_approx(int &n)
{
	for (int k = 0; k < sets_of(20); k++) {
		int terms = k % 2 ? 2 : (int)pick(1, 12), w = (int)pick(2, 30), in_w = k % 2 ? w : (int)pick(1, 20), sg = (int)pick(0, 1);
		int family = k % 4, a = (int)pick(1, w - 1), b = family == 3 ? (int)pick(0, 8) : 0;
		stream in, out;
		for (int i = 0; i < 100; i++) {
			codes c = random_codes(terms, in_w, sg), v = c;
			in.push_back(pack(c, in_w, terms)[0]);
			for (; v.size() > 1;) {
				codes up;
				for (size_t j = 0; j < v.size(); j += 2)
					up.push_back(j + 1 < v.size() ? approx(family, a, b, w, v[j], v[j + 1]) : v[j]);
				v = up;
			}
			out.push_back(word().put(v[0], w));
		}
		string adder = P("FAMILY", family) + P("A", a) + P("B", b);
		if (k % 2)
			gen_helper(n++, "approx_adder", false, P("W", w) + adder,
				"x<" + std::to_string(w) + " y<" + std::to_string(w) + " sum>" + std::to_string(w), in, out);
		else
			gen_helper(n++, "approx_tree", false, P("N", terms) + P("IN_W", in_w) + P("IN_SIGNED", sg) + P("OUT_W", w) + adder,
				"s_data<" + std::to_string(terms * in_w) + " sum>" + std::to_string(w), in, out);
	}
}

static void gen_compressors(int &n)
{
	for (int k = 0; k < sets_of(12); k++) {
		int terms = k < 5 ? k + 1 : (int)pick(1, 40), in_w = (int)pick(1, 20), sg = (int)pick(0, 1), out_w = (int)pick(1, 30);
		int more = (int)pick(1, 3);
		stream in, out;
		for (int b = 0; b < 100; b++) {
			codes c = random_codes(terms, in_w, sg), m = random_codes(more, out_w, true);
			i64 sum = 0;
			for (i64 v : c)
				sum += v;
			for (i64 v : m)
				sum += v;
			word w = pack(c, in_w, terms)[0];
			for (i64 v : m)
				w.put(v, out_w);
			in.push_back(w);
			out.push_back(word().put(sum, out_w));
		}
		gen_helper(n++, "compressor", false,
			P("N", terms) + P("IN_W", in_w) + P("IN_SIGNED", sg) + P("MORE", more) + P("OUT_W", out_w),
			"s_data<" + std::to_string(terms * in_w) + " s_more<" + std::to_string(more * out_w) + " sum>" + std::to_string(out_w),
			in, out);
	}
}

static void gen_extends(int &n)
{
	for (int k = 0; k < sets_of(8); k++) {
		int in_w = (int)pick(1, 20), out_w = k == 0 ? in_w : (int)pick(1, 30), sg = (int)pick(0, 1);
		stream in, out;
		for (i64 v : random_codes(60, in_w, sg)) {
			in.push_back(word().put(v, in_w));
			out.push_back(word().put(v, out_w));
		}
		gen_helper(n++, "extend", false, P("IN_W", in_w) + P("IN_SIGNED", sg) + P("OUT_W", out_w),
			"s_data<" + std::to_string(in_w) + " m_data>" + std::to_string(out_w), in, out);
	}
}

static void gen_rotates(int &n)
{
	for (int k = 0; k < sets_of(10); k++) {
		int words = k < 4 ? k + 1 : (int)pick(1, 12), w = (int)pick(1, 9), amount_w = std::max(1, clog2(words));
		stream in, out;
		for (int b = 0; b < 60; b++) {
			i64 amount = pick(0, words - 1);
			codes c = random_codes(words, w, false), turned(words);
			for (int i = 0; i < words; i++)
				turned[i] = c[(i + amount) % words];
			word x = word().put(amount, amount_w);
			put(x, pack(c, w, words)[0]);
			in.push_back(x);
			out.push_back(pack(turned, w, words)[0]);
		}
		string all = std::to_string(words * w);
		gen_helper(n++, "rotate", false, P("N", words) + P("WIDTH", w), "amount<" + std::to_string(amount_w) + " s_data<" + all + " m_data>" + all, in, out);
	}
}

static void gen_rounds(int &n)
{
	for (int k = 0; k < sets_of(14); k++) {
		int in_w = (int)pick(1, 45), shift = (int)pick(1, 47), out_w = (int)pick(1, 20), sg = (int)pick(0, 1);
		i64 least = sg ? -((i64)1 << (out_w - 1)) : 0, most = sg ? ((i64)1 << (out_w - 1)) - 1 : ((i64)1 << out_w) - 1;
		i64 lo = k % 2 ? least : pick(least, most), hi = k % 2 ? most : pick(lo, most);
		if (k % 3)
			shift = std::min(shift, std::max(1, in_w - out_w + 1));
		stream in, out;
		for (int b = 0; b < 200; b++) {
			i64 x = b % 2 ? random_code(in_w, true) : wrapped(((i64)pick(lo - 2, hi + 2) << shift) + pick(-2, 2) + ((i64)1 << (shift - 1)), in_w, true);
			in.push_back(word().put(x, in_w));
			out.push_back(word().put(std::min(hi, std::max(lo, (x + ((i64)1 << (shift - 1))) >> shift)), out_w));
		}
		gen_helper(n++, "round", false, P("IN_W", in_w) + P("SHIFT", shift) + P("OUT_W", out_w) + P("OUT_SIGNED", sg) + P("LO", lo) + P("HI", hi),
			"s_data<" + std::to_string(in_w) + " m_data>" + std::to_string(out_w), in, out);
	}
}

static void gen_clamps(int &n)
{
	for (int k = 0; k < sets_of(6); k++) {
		int w = (int)pick(1, 12), lanes = (int)pick(1, 4), sg = (int)pick(0, 1);
		i64 least = sg ? -((i64)1 << (w - 1)) : 0, most = sg ? ((i64)1 << (w - 1)) - 1 : ((i64)1 << w) - 1;
		i64 lo = k ? pick(least, most) : least, hi = k ? pick(lo, most) : most;
		codes c = random_codes((size_t)lanes * 60, w, sg), y;
		for (i64 v : c)
			y.push_back(std::min(hi, std::max(lo, v)));
		string all = std::to_string(lanes * w);
		gen_helper(n++, "clamp", false, P("LANES", lanes) + P("CODE_W", w) + P("SIGNED", sg) + P("LO", lo) + P("HI", hi), "s_data<" + all
			+ " m_data>" + all, pack(c, w, lanes), pack(y, w, lanes));
	}
}

static void gen_spans(int &n)
{
	for (int k = 0; k < sets_of(8); k++) {
		i64 before = k & 1 ? pick(1, 5) : 0, behind = k & 2 ? pick(1, 5) : 0, of = pick(1, 6), all = before + of + behind;
		stream in, out;
		for (i64 b = 0; b < 4 * all + 3; b++) {
			in.push_back(word().put(0, 1));
			out.push_back(word().put(b % all >= before && b % all < before + of, 1).put(b % all == all - 1, 1));
		}
		gen_helper(n++, "span", true, P("BEFORE", before) + P("N", of) + P("BEHIND", behind), "middle>1 last>1", in, out);
	}
}

static void gen_pool_ops(int &n)
{
	for (int k = 0; k < sets_of(8); k++) {
		int w = (int)pick(1, 10), sg = (int)pick(0, 1), wch = (int)pick(1, 5), max = k % 2, acc_w = max ? w : w + (int)pick(0, 6);
		stream in, out;
		for (int b = 0; b < 100; b++) {
			i64 first = pick(0, 3) == 0;
			codes acc = random_codes(wch, acc_w, sg), code = random_codes(wch, w, sg), y(wch);
			for (int i = 0; i < wch; i++)
				y[i] = first ? code[i] : max ? std::max(acc[i], code[i]) : acc[i] + code[i];
			word x = word().put(first, 1);
			put(x, pack(acc, acc_w, wch)[0]);
			put(x, pack(code, w, wch)[0]);
			in.push_back(x);
			out.push_back(pack(y, acc_w, wch)[0]);
		}
		gen_helper(n++, "pool_op", false, P("CODE_W", w) + P("CODE_SIGNED", sg) + P("WCH", wch) + (max ? "OP=\"MAX\" " : "OP=\"SUM\" ") + P("ACC_W", acc_w),
			"first<1 s_acc<" + std::to_string(wch * acc_w) + " code<" + std::to_string(wch * w) + " m_acc>" + std::to_string(wch * acc_w), in, out);
	}
}

static void gen_adders(int &n)
{
	for (int bits : {2, 3}) {
		stream in, out;
		for (int x = 0; x < 1 << bits; x++) {
			in.push_back(word().put(x, bits));
			out.push_back(word().put((x & 1) + (x >> 1 & 1) + (x >> 2 & 1), 2));
		}
		gen_helper(n++, bits == 2 ? "ha" : "fa", false, "", bits == 2 ? "a<1 b<1 s>1 co>1" : "a<1 b<1 ci<1 s>1 co>1", in, out);
	}
}

static void gen_counts(int &n)
{
	for (int k = 0; k < sets_of(10); k++) {
		i64 of = k < 4 ? k + 1 : pick(1, 70);
		int w = std::max(1, clog2(of));
		string value = "value>" + std::to_string(w);
		stream in, whole, values, lasts, taps;
		for (i64 b = 0; b < 3 * of + 5; b++) {
			in.push_back(word().put(0, 1));
			whole.push_back(word().put(b % of, w).put(b % of == of - 1, 1));
			values.push_back(word().put(b % of, w));
			lasts.push_back(word().put(b % of == of - 1, 1));
			taps.push_back(word().put(b % of == 0, 1).put(b % of == of - 1, 1));
		}
		gen_helper(n++, "count", true, P("N", of), value + " last>1", in, whole);
		gen_helper(n++, "count_value", true, P("N", of), value, in, values);
		gen_helper(n++, "count_last", true, P("N", of), "last>1", in, lasts);
		gen_helper(n++, "tap", true, P("N", of), "first>1 last>1", in, taps);
	}
}

static void gen_row_rings(int &n)
{
	for (int k = 0; k < sets_of(12); k++) {
		i64 th = pick(1, 4), groups = pick(1, 6), rows = th * groups, stride = pick(1, 5);
		i64 start = pick(0, 2 * rows), step = pick(0, rows), last_step = pick(0, rows), at = start % rows;
		int aw = std::max(1, clog2(groups * stride)), pw = std::max(1, clog2(th));
		stream in, out;
		for (int b = 0; b < 120; b++) {
			bool last = pick(0, 2) == 0;
			i64 next = (at + (last ? last_step : step)) % rows;
			in.push_back(word().put(last, 1));
			out.push_back(word().put(at % th, pw).put(at / th * stride, aw).put(next / th * stride, aw));
			at = next;
		}
		gen_helper(n++, "row_ring", true, P("TH", th) + P("GROUPS", groups) + P("STRIDE", stride) + P("START", start) + P("STEP", step)
			+ P("LAST_STEP", last_step) + P("ADDR_W", aw), "last<1 phase>" + std::to_string(pw) + " base>" + std::to_string(aw) + " base_next>"
			+ std::to_string(aw), in, out);
	}
}

static void gen_helpers()
{
	int n = 0;
	gen_adder_trees(n);
	gen_compressors(n);
	gen_approx(n);
	gen_extends(n);
	gen_rotates(n);
	gen_rounds(n);
	gen_clamps(n);
	gen_spans(n);
	gen_pool_ops(n);
	gen_adders(n);
	gen_counts(n);
	gen_row_rings(n);
	for (int stalls : {0, 1}) {
		int w = (int)pick(1, 60);
		stream s = pack(random_codes(300, w, false), w, 1);
		test t("helper_slice", n++);
		t.source("a", s, stalls);
		t.sink("b", s, stalls, 100, stalls ? 0 : 100);
		t.core("axgen_slice", "dut", P("WIDTH", w), plain("a", "b"));
	}
}

// ---- a whole layer: gearbox, window, matrix-vector unit, requantisation ------------------------
static void gen_layer()
{
	for (int n = 0; n < sets_of(14); n++) {
		window p = window::random(600);
		p.groups = 1;
		p.code_w = 8;
		int stalls = n % 3;
		if (!stalls) {
			while (p.pt + p.pb >= p.kh || p.oh() * p.ow() < 2)
				p = window::random(600), p.groups = 1, p.code_w = 8;
			p.rows = p.enough();
		}
		p.pad = random_code(8, true);
		mvu m = mvu::random(p.simd(), p.sf(), p.code_w, true);
		p.repeat = m.nf;
		m.hold = p.hold;
		requant r = requant::random(m.acc_w, m.pe, m.nf, pick(1, m.acc_w));
		i64 images = 5, in = divisor(p.c);
		codes x = random_codes(images * p.h * p.w * p.c, 8, true), y(images * p.oh() * p.ow() * m.nf * m.pe);
		std::map<i64, vector<codes>> words;                             // by pixel
		p.words(x, images, [&](const window::place &at, const codes &lane) {
			vector<codes> &now = words[at.pixel];
			now.push_back(lane);
			if (at.last) {
				for (i64 pe = 0; pe < m.pe; pe++)
					y[((at.image * p.oh() * p.ow() + at.pixel) * m.nf + at.frame) * m.pe + pe] = r(m.accumulate(at.frame, pe, now), at.frame, pe);
				now.clear();
			}
		});
		test t("layer", n);
		t.source("a", pack(x, 8, (int)in), stalls);
		t.sink("b", pack(y, (int)r.out_w, (int)m.pe), stalls, (i64)y.size() / m.pe / images,
			stalls ? 0 : std::max({p.h * p.w * p.c / in, p.in_beats(), p.out_beats()}));
		std::ostringstream v;
		v << "    wire g_valid, g_ready, w_valid, w_ready, w_first, w_last, w_next, q_valid, q_ready, q_next, r_valid, "
		  << "r_ready;\n    wire [" << p.wch * 8 - 1
		  << ":0] g_data;\n    wire [" << p.simd() * 8 - 1 << ":0] w;\n    wire [" << m.pe * m.acc_w - 1
		  << ":0] q_acc, r_acc;\n    wire ["
		  << std::max(1, clog2(m.nf)) - 1 << ":0] q_group;\n";
		t.body += v.str();
		t.core("axgen_gearbox", "u_gearbox", P("CODE_W", 8) + P("IN", in) + P("OUT", p.wch) + P("PER_PIXEL", p.c), plain("a", "g"));
		t.core("axgen_window", "u_window", p.parameters(), "s_valid=g_valid s_ready=g_ready s_data=g_data m_valid=w_valid "
			"m_ready=w_ready m_data=w m_first=w_first m_last=w_last m_next=w_next m_end=");
		m.emit(t, "w", "w_first", "w_last", "w_next", "q");
		t.core("axgen_transpose", "u_transpose", P("WIDTH", m.pe * m.acc_w) + P("NF", m.nf) + P("HOLD", m.hold), "s_valid=q_valid "
			"s_ready=q_ready s_data=q_acc s_next=q_next m_valid=r_valid m_ready=r_ready m_data=r_acc");
		t.core("axgen_requant", "u_requant", r.parameters(t), "s_valid=r_valid s_ready=r_ready s_acc=r_acc m_valid=b_valid m_ready=b_ready "
			"m_data=b_data");
	}
}

// ---- top ------------------------
static const vector<std::pair<string, void (*)()>> cores = {
	{"fifo", gen_fifo}, {"gearbox", gen_gearbox}, {"permute", gen_permute}, {"fork", gen_fork}, {"window", gen_window}, {"throughput", gen_throughput},
	{"mvu", gen_mvu}, {"requant", gen_requant}, {"add", gen_add}, {"concat", gen_concat}, {"join", gen_join}, {"pad", gen_pad}, {"pool", gen_pool}, {"pool_window", gen_pool_window},
	{"layer", gen_layer}, {"memory", gen_memory}, {"load", gen_load}, {"load_port", gen_load_port}, {"weight_port", gen_weight_port}, {"helpers", gen_helpers}, {"transpose", gen_transpose},
};

int main(int argc, char **argv)
{
	if (argc < 5) {
		fprintf(stderr, "usage: gen DIR SEED PERCENT CORE...\ncores:");
		for (auto &c : cores)
			fprintf(stderr, " %s", c.first.c_str());
		fprintf(stderr, "\n");
		return 2;
	}
	dir = argv[1];
	percent = std::atoi(argv[3]);
	for (int i = 4; i < argc; i++) {
		bool known = false;
		for (auto &c : cores)
			if (c.first == argv[i]) {
				rng.seed(std::strtoull(argv[2], nullptr, 10) * 1000 + (&c - &cores[0]));
				c.second();
				known = true;
			}
		if (!known) {
			fprintf(stderr, "gen: no core %s\n", argv[i]);
			return 1;
		}
	}
	std::ofstream v(dir + "/tb.v"), list(dir + "/names.txt");
	size_t n = names.size();
	v << "`default_nettype none\n\n" << all.str() << "module tb (input wire clk);\n    reg rst;\n    integer cycle;\n    reg ["
	  << n - 1 << ":0] was_done;\n    wire [" << n - 1 << ":0] done, fail;\n";
	for (size_t i = 0; i < n; i++)
		v << "    t_" << names[i] << " u_" << i << " (.tb_clk(clk), .rst(rst), .done(done[" << i << "]), .fail(fail[" << i << "]));\n";
	v << "    initial begin\n        rst = 1'b1;\n        cycle = 0;\n        was_done = 0;\n    end\n"
	     "    always @(posedge clk) begin\n        cycle = cycle + 1;\n        rst <= (cycle < 3);\n"
	     "        if (&(done | fail) || cycle > 30000) begin\n            if (cycle <= 30000 && was_done != {" << n
	  << "{1'b1}}) begin\n                was_done = {" << n << "{1'b1}};\n                cycle = 29800;  // still look for beats too many\n"
	     "            end else if (cycle > 30000) begin\n";
	for (size_t i = 0; i < n; i++) {
		v << "                if (fail[" << i << "]) $display(\"FAIL " << names[i] << "\"); else if (!done[" << i
		  << "]) $display(\"FAIL " << names[i] << " stopped\"); else $display(\"ok " << names[i] << "\");\n";
		list << names[i] << "\n";
	}
	v << "                $finish;\n            end\n        end\n    end\nendmodule\n\n`default_nettype wire\n";
	return 0;
}
