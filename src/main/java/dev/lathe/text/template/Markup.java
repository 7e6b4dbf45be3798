package dev.lathe.text.template;

/**
 * Text that is marked as escaped, by the filters {@code safe} and {@code escape}. Joined with text, it escapes that.
 */
record Markup(String text) {
    static Markup escape(Rendering rendering, String text) {
        Buffer escaped = new Buffer(rendering);
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            switch (character) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '\'' -> escaped.append("&#39;");
                case '"' -> escaped.append("&#34;");
                default -> escaped.append(character);
            }
        }
        return new Markup(escaped.toString());
    }
}
