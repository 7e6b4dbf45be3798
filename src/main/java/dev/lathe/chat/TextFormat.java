package dev.lathe.chat;

/**
 * How what the model says is written.
 *
 * @param prefix what stands before it, such as a recipient; empty for nothing
 * @param suffix what stands after it; empty for nothing
 */
record TextFormat(String prefix, String suffix) {
    static final TextFormat PLAIN = new TextFormat("", "");
}
