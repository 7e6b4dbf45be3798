package dev.lathe.plan;

import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Who does steps of a kind: a model with the tools that it may call. Without tools it answers in words.
 *
 * @param name for the planner: 1 to 64 letters, digits and {@code _ - .}
 * @param description what it can do, for the planner
 * @param model answers its steps: each is a conversation of its own
 * @param actions its tools; a step is one call of one of them
 */
public record Actor(String name, String description, Replier model, List<Action> actions) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

    /** Checks the name and copies the list. */
    public Actor {
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(model, "model");
        actions = List.copyOf(actions);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "an actor is named \"" + name + "\": expected 1 to 64 letters, digits and _ - .");
        }
    }

    /** An actor with these tools. */
    public static Actor of(String name, String description, Replier model, Action... actions) {
        return new Actor(name, description, model, List.of(actions));
    }
}
