# SPDX-License-Identifier: Apache-2.0
# The engine's benchmark: `make bench-engine [ROUNDS=15] [SECTION=layers|mixed|networks]`. Compared with oneDNN where
# Debian's libdnnl-dev is installed (it is used for nothing else).
DNNL_HEADER := $(wildcard /usr/include/oneapi/dnnl/dnnl.h)
BENCH_DNNL  := $(if $(DNNL_HEADER),-DBENCH_DNNL)
BENCH_SRC   := tests/bench/bench_engine.c tests/bench/bench_nets.c tests/bench/bench_scalar.c tests/bench/bench_dnnl.c

$(BUILD)/bench_engine: $(BENCH_SRC) tests/bench/bench.h $(LIB)
	@mkdir -p $(@D)/bench
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $(BUILD)/bench/main.o tests/bench/bench_engine.c
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $(BUILD)/bench/nets.o tests/bench/bench_nets.c
	$(Q)$(CC) $(ALL_CFLAGS) -O3 -march=native -c -o $(BUILD)/bench/scalar.o tests/bench/bench_scalar.c
	$(Q)$(CC) $(ALL_CFLAGS) $(BENCH_DNNL) -c -o $(BUILD)/bench/dnnl.o tests/bench/bench_dnnl.c
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $(BUILD)/bench/main.o $(BUILD)/bench/nets.o $(BUILD)/bench/scalar.o $(BUILD)/bench/dnnl.o $(LIB) $(LIBS) \
	  $(if $(DNNL_HEADER),-ldnnl)

bench-engine: $(BUILD)/bench_engine ## speed of the engine against a scalar table kernel and oneDNN
	$(BUILD)/bench_engine $(or $(ROUNDS),15) $(SECTION)

bench-kernels: $(BUILD)/tests/unit/kernels/test_kernels ## each kernel of each instruction set against the scalar one
	$< --bench

# The constants of compiler/engine/cost.h: `make bench-costs [ROUNDS=15]`
$(BUILD)/bench_costs: tests/bench/bench_costs.c tests/bench/bench_nets.c tests/bench/bench.h $(LIB)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ tests/bench/bench_costs.c tests/bench/bench_nets.c $(LIB) $(LIBS)
bench-costs: $(BUILD)/bench_costs ## what the engine's plans take against what they are estimated to, and the constants that fit
	$(BUILD)/bench_costs $(or $(ROUNDS),15)

# The evaluator's: `make bench-explore [ROUNDS=20] [AXGEN_DATA_DIR=folder with cifar-10-batches-bin]`
$(BUILD)/bench_explore: tests/bench/bench_explore.c $(LIB)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $< $(LIB) $(LIBS)
bench-explore: $(BUILD)/bench_explore ## evaluations a second of a search, against the bare inference of the same images
	$(BUILD)/bench_explore $(or $(ROUNDS),20)

# What a prediction takes: `make bench-predict [CONFIGS=...]`
PREDICTED := flows/lenet5-dataflow.yaml flows/resnet8-dataflow.yaml flows/mobilenetv2-dataflow.yaml \
             flows/efficientnetlite-dataflow.yaml flows/vgg11-dataflow.yaml flows/lenet5-fgpu.yaml flows/resnet8-fgpu.yaml
$(BUILD)/bench_predict: tests/bench/bench_predict.c $(LIB)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $< $(LIB) $(LIBS)
bench-predict: $(BUILD)/bench_predict ## milliseconds of reading a configuration, of a first prediction, and of another assignment's
	$(BUILD)/bench_predict $(or $(CONFIGS),$(PREDICTED))
.PHONY: bench-engine bench-kernels bench-costs bench-explore bench-predict

# Training: `make bench-torch [ROUNDS=5] [BATCH=128]`
$(BUILD)/bench_torch.so: tests/bench/bench_torch.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -O3 -march=native -fopenmp -fPIC -shared $(WARN) -o $@ $<
bench-torch: lib $(BUILD)/bench_torch.so ## a training step with axgen.torch, beside PyTorch in floating point and a scalar table loop
	AXGEN_LIBRARY=$(BUILD)/libaxgen.so /usr/bin/python3 tests/bench/bench_torch.py $(BUILD)/bench_torch.so --rounds $(or $(ROUNDS),5) --batch $(or $(BATCH),128)
.PHONY: bench-torch
