package dev.lathe.chat;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * How a conversation is answered. Immutable; each method named after a component returns changed options.
 *
 * @param tools what the model may call
 * @param choice whether it calls
 * @param severalCalls whether one reply may call more than once; what is {@code NAMED} is called once in any case
 * @param thinking on or off; empty for what the template does by itself
 * @param variables what else the template may name; tools, messages and the thinking's switch go before them
 */
public record ChatOptions(
        List<Tool> tools,
        ToolChoice choice,
        boolean severalCalls,
        Optional<Boolean> thinking,
        Map<String, Object> variables) {
    /** No tools, and whatever the template does by itself. */
    public static final ChatOptions DEFAULT =
            new ChatOptions(List.of(), ToolChoice.auto(), true, Optional.empty(), Map.of());

    /** Copies the list and the map, and checks that tools have different names. */
    public ChatOptions {
        Objects.requireNonNull(choice, "choice");
        Objects.requireNonNull(thinking, "thinking");
        tools = List.copyOf(tools);
        variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
        Set<String> names = new HashSet<>();
        for (Tool tool : tools) {
            if (!names.add(tool.name())) {
                throw new IllegalArgumentException("two tools are named \"" + tool.name() + "\"");
            }
        }
    }

    /** Options with these tools. */
    public static ChatOptions of(Tool... tools) {
        return DEFAULT.tools(List.of(tools));
    }

    /** With these tools. */
    public ChatOptions tools(List<Tool> value) {
        return new ChatOptions(value, choice, severalCalls, thinking, variables);
    }

    /** With this choice. */
    public ChatOptions choice(ToolChoice value) {
        return new ChatOptions(tools, value, severalCalls, thinking, variables);
    }

    /** With one call at most in a reply, or as many as the model likes. */
    public ChatOptions severalCalls(boolean value) {
        return new ChatOptions(tools, choice, value, thinking, variables);
    }

    /** With thinking on or off. */
    public ChatOptions thinking(boolean value) {
        return new ChatOptions(tools, choice, severalCalls, Optional.of(value), variables);
    }

    /** With one more variable; null is Python's None. */
    public ChatOptions variable(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(variables);
        more.put(name, value);
        return new ChatOptions(tools, choice, severalCalls, thinking, more);
    }

    /**
     * The tools that may be called now.
     *
     * @throws IllegalArgumentException if a call is asked for, but no such tool is there
     */
    List<Tool> callable() {
        if (choice.mode() == ToolChoice.Mode.NONE) {
            return List.of();
        }
        if (choice.mode() == ToolChoice.Mode.REQUIRED && tools.isEmpty()) {
            throw new IllegalArgumentException("a call is required, but there are no tools");
        }
        if (choice.name().isEmpty()) {
            return tools;
        }
        String name = choice.name().get();
        return tools.stream()
                .filter(tool -> tool.name().equals(name))
                .findFirst()
                .map(List::of)
                .orElseThrow(
                        () -> new IllegalArgumentException("a call of \"" + name + "\" is asked for, but the tools are "
                                + tools.stream().map(Tool::name).toList()));
    }
}
