package dev.lathe.text.template;

/**
 * Text that is marked as escaped, by the filters {@code safe} and {@code escape}. Joined with text, it escapes that.
 */
record Markup(MarkedText text) {
    static Markup escape(Rendering rendering, MarkedText text) {
        Buffer escaped = new Buffer(rendering);
        for (int i = 0; i < text.length(); i++) {
            char character = text.text().charAt(i);
            boolean data = text.isData(i);
            switch (character) {
                case '&' -> escaped.append("&amp;", data);
                case '<' -> escaped.append("&lt;", data);
                case '>' -> escaped.append("&gt;", data);
                case '\'' -> escaped.append("&#39;", data);
                case '"' -> escaped.append("&#34;", data);
                default -> escaped.append(character, data);
            }
        }
        return new Markup(escaped.toText());
    }
}
