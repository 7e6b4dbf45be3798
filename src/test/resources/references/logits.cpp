// Writes the logits of all positions as llama.cpp computes them, on one thread, with caches in float32: logits MODEL.gguf OUT.f32 TOKEN...
// Made beside a build of llama.cpp (SOURCE, BUILD) with static libraries:
// g++ -O1 -std=c++17 -ISOURCE/include -ISOURCE/ggml/include logits.cpp -o logits BUILD/src/libllama.a BUILD/ggml/src/libggml.a
//     BUILD/ggml/src/libggml-cpu.a BUILD/ggml/src/libggml-base.a -fopenmp -lpthread -ldl
#include "llama.h"
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int argc, char ** argv) {
    llama_log_set([](ggml_log_level level, const char * text, void *) {
        if (level >= GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
    }, nullptr);
    llama_backend_init();
    llama_model_params load = llama_model_default_params();
    load.use_extra_bufts = false;
    llama_model * model = llama_model_load_from_file(argv[1], load);
    if (!model) return 1;
    llama_context_params params = llama_context_default_params();
    params.n_ctx = 128;
    params.n_threads = params.n_threads_batch = 1;
    params.type_k = params.type_v = GGML_TYPE_F32;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    llama_context * context = llama_init_from_model(model, params);
    llama_batch batch = llama_batch_init(argc, 0, 1);
    for (int i = 3; i < argc; i++) {
        int at = batch.n_tokens++;
        batch.token[at] = atoi(argv[i]);
        batch.pos[at] = at;
        batch.n_seq_id[at] = 1;
        batch.seq_id[at][0] = 0;
        batch.logits[at] = 1;
    }
    if (llama_decode(context, batch) != 0) return 2;
    FILE * out = fopen(argv[2], "wb");
    int vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));
    for (int i = 0; i < batch.n_tokens; i++) {
        fwrite(llama_get_logits_ith(context, i), sizeof(float), vocabulary, out);
    }
    return fclose(out);
}
