package dev.lathe.huggingface;

/** ERNIE 4.5 without experts: as Llama, but folders rotate neighbours already. */
final class Ernie45Family extends Family {
    @Override
    String architecture() {
        return "ernie4_5";
    }

    @Override
    boolean tiesEmbedding() {
        return true;
    }
}
