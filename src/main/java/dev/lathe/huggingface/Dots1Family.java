package dev.lathe.huggingface;

/** dots.llm1: attention as in Qwen 3, experts as in DeepSeek V3. */
final class Dots1Family extends RoutedFamily {
    @Override
    String architecture() {
        return "dots1";
    }
}
