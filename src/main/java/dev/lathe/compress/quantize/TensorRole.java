package dev.lathe.compress.quantize;

/** What a tensor is for, by its name in a file. */
enum TensorRole {
    EMBEDDING,
    HEAD,
    QUERY,
    KEY,
    VALUE,
    ATTENTION_OUTPUT,
    GATE,
    UP,
    DOWN,
    OTHER;

    /** The role of a tensor; a factor has that of its matrix. */
    static TensorRole of(String name) {
        String matrix = name.replaceFirst("^blk\\.\\d+\\.", "").replaceFirst("\\.(in|out)\\.weight$", ".weight");
        return switch (matrix) {
            case "token_embd.weight" -> EMBEDDING;
            case "output.weight" -> HEAD;
            case "attn_q.weight" -> QUERY;
            case "attn_k.weight" -> KEY;
            case "attn_v.weight" -> VALUE;
            case "attn_output.weight" -> ATTENTION_OUTPUT;
            case "ffn_gate.weight" -> GATE;
            case "ffn_up.weight" -> UP;
            case "ffn_down.weight" -> DOWN;
            default -> OTHER;
        };
    }

    boolean isAttention() {
        return switch (this) {
            case QUERY, KEY, VALUE, ATTENTION_OUTPUT -> true;
            default -> false;
        };
    }

    boolean isFeedForward() {
        return this == GATE || this == UP || this == DOWN;
    }
}
