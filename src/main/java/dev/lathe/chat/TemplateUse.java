package dev.lathe.chat;

/**
 * What a template takes, and how.
 *
 * @param definitions how it is told of tools
 * @param takesSystem whether it has a place for messages from the system
 * @param takesCalls whether it writes calls and results; if not, {@link ToolPrompt} does
 * @param argumentsAsText whether it wants arguments as JSON text, not as values
 * @param emptyContent the content of a message that only calls: empty or null
 * @param shortIds whether it takes ids of nine letters and digits alone
 */
record TemplateUse(
        Definitions definitions,
        boolean takesSystem,
        boolean takesCalls,
        boolean argumentsAsText,
        String emptyContent,
        boolean shortIds) {
    /** How a template is told of tools. */
    enum Definitions {
        /** By the list {@code tools}. */
        TOOLS,
        /** By the text {@code functions}, beside the time as {@code datetime}, unless options say another. */
        FUNCTIONS,
        /** Not at all: {@link ToolPrompt} tells the model. */
        PROMPT
    }
}
