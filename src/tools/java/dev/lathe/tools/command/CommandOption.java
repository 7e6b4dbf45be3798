package dev.lathe.tools.command;

/**
 * Something that a command takes, as its help text declares it.
 *
 * @param name {@code --name}, {@code -n}, or that of an argument without a name, in capitals
 * @param value what stands for its value; empty for a flag
 * @param description what it is for, in one line
 */
public record CommandOption(String name, String value, String description) {
    /** Whether it is an argument without a name, which must be given. */
    public boolean isArgument() {
        return !name.startsWith("-");
    }
}
