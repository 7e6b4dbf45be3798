package dev.lathe.chat;

/**
 * How thinking is written: between two marks.
 *
 * @param field of a message that the template reads it from; null if it writes none
 * @param variable that switches it on and off; null if there is none
 */
record ThinkingFormat(String open, String close, String field, String variable) {
    /** A text that may begin with thinking about nothing, without that. */
    String withoutEmpty(String text) {
        String rest = text.stripLeading();
        if (!rest.startsWith(open)) {
            return text;
        }
        rest = rest.substring(open.length()).stripLeading();
        return rest.startsWith(close) ? rest.substring(close.length()).stripLeading() : text;
    }
}
