package dev.lathe.huggingface;

/** DeepSeek 1 with experts: Llama with experts by softmax. */
final class DeepSeek1Family extends RoutedFamily {
    @Override
    String architecture() {
        return "deepseek";
    }

    @Override
    boolean hasSigmoids() {
        return false;
    }

    @Override
    boolean rotatesNeighbours() {
        return true;
    }
}
