package dev.lathe.text;

/** What is done to a stretch of text between special tokens before it becomes tokens. Stateless. */
@FunctionalInterface
interface TextNormalizer {
    /**
     * The text to be tokenized.
     *
     * @param begins whether the stretch begins the text or follows a special token
     */
    String normalize(String text, boolean begins);

    /** This, then another. */
    default TextNormalizer then(TextNormalizer next) {
        return (text, begins) -> next.normalize(normalize(text, begins), begins);
    }
}
