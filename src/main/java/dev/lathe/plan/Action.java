package dev.lathe.plan;

import dev.lathe.chat.Tool;
import dev.lathe.text.json.JsonObject;
import java.util.Objects;

/**
 * A tool, and what is done when a model calls it.
 *
 * @param tool as the model is told of it
 * @param function does it
 */
public record Action(Tool tool, Function function) {
    /** What a call does. */
    @FunctionalInterface
    public interface Function {
        /**
         * Does it.
         *
         * @param arguments by the tool's schema
         * @return what came of it, for the steps that follow
         * @throws Exception if it failed; the step fails with the message
         */
        String call(JsonObject arguments) throws Exception;
    }

    /** Checks that nothing is null. */
    public Action {
        Objects.requireNonNull(tool, "tool");
        Objects.requireNonNull(function, "function");
    }

    /**
     * A tool and what it does.
     *
     * @param parameters the JSON schema of the arguments, as {@link Tool#of} takes it
     */
    public static Action of(String name, String description, String parameters, Function function) {
        return new Action(Tool.of(name, description, parameters), function);
    }
}
