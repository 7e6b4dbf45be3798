package dev.lathe.chat;

import java.util.Optional;

/**
 * Whether tools are called.
 *
 * @param mode how
 * @param name of the tool that is to be called; present for {@link Mode#NAMED} alone
 */
public record ToolChoice(Mode mode, Optional<String> name) {
    /** Who decides. */
    public enum Mode {
        /** The model decides. */
        AUTO,
        /** No tool is called, and the model is told of none. */
        NONE,
        /** The reply is one call or several. */
        REQUIRED,
        /** The reply is one call of the tool named. */
        NAMED
    }

    /** Checks that a name is there where it is needed, and only there. */
    public ToolChoice {
        if (name.isPresent() != (mode == Mode.NAMED)) {
            throw new IllegalArgumentException("tool choice " + mode + " with "
                    + name.map(given -> "the name \"" + given + "\"").orElse("no name")
                    + ": expected a name with NAMED, and with no other");
        }
    }

    /** The model decides. */
    public static ToolChoice auto() {
        return new ToolChoice(Mode.AUTO, Optional.empty());
    }

    /** No tool is called. */
    public static ToolChoice none() {
        return new ToolChoice(Mode.NONE, Optional.empty());
    }

    /** At least one tool is called. */
    public static ToolChoice required() {
        return new ToolChoice(Mode.REQUIRED, Optional.empty());
    }

    /** This tool is called, once. */
    public static ToolChoice named(String tool) {
        return new ToolChoice(Mode.NAMED, Optional.of(tool));
    }
}
