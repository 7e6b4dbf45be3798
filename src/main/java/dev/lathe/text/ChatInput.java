package dev.lathe.text;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What a {@link ChatTemplate} renders. Immutable.
 *
 * @param messages the conversation so far
 * @param bosToken the text of the model's token for the beginning of a text; null if it has none
 * @param eosToken the text of the model's token for the end of a text; null if it has none
 * @param addGenerationPrompt whether to end with the beginning of the assistant's answer
 * @param tools descriptions of functions that the model may call, each a JSON schema as maps and lists; empty for none
 * @param variables what else the template may name, such as {@code enable_thinking}; they go before all of the above
 * @param clock the present time, for templates that print the date
 */
public record ChatInput(
        List<ChatMessage> messages,
        String bosToken,
        String eosToken,
        boolean addGenerationPrompt,
        List<Map<String, Object>> tools,
        Map<String, Object> variables,
        Clock clock) {

    /** Copies the lists and the map. */
    public ChatInput {
        messages = List.copyOf(messages);
        tools = List.copyOf(tools);
        variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
    }

    /** A conversation to be answered, without tools, on the system's clock and with no special tokens. */
    public static ChatInput of(List<ChatMessage> messages) {
        return new ChatInput(messages, null, null, true, List.of(), Map.of(), Clock.systemDefaultZone());
    }

    /** A conversation to be answered, without tools, on the system's clock and with no special tokens. */
    public static ChatInput of(ChatMessage... messages) {
        return of(List.of(messages));
    }

    /** With the texts of these tokens; null where the model has none. */
    public ChatInput withSpecialTokens(String bos, String eos) {
        return new ChatInput(messages, bos, eos, addGenerationPrompt, tools, variables, clock);
    }

    /** With the texts of a tokenizer's tokens of beginning and end. */
    public ChatInput withSpecialTokensOf(Tokenizer tokenizer) {
        return withSpecialTokens(piece(tokenizer, tokenizer.bos()), piece(tokenizer, tokenizer.eos()));
    }

    private static String piece(Tokenizer tokenizer, OptionalInt token) {
        return token.isPresent() ? tokenizer.piece(token.getAsInt()) : null;
    }

    /** With or without the beginning of an answer at the end. */
    public ChatInput withGenerationPrompt(boolean wanted) {
        return new ChatInput(messages, bosToken, eosToken, wanted, tools, variables, clock);
    }

    /** With these tools instead. */
    public ChatInput withTools(List<Map<String, Object>> others) {
        return new ChatInput(messages, bosToken, eosToken, addGenerationPrompt, others, variables, clock);
    }

    /** With one more variable; null is Python's None. */
    public ChatInput withVariable(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(variables);
        more.put(name, value);
        return new ChatInput(messages, bosToken, eosToken, addGenerationPrompt, tools, more, clock);
    }

    /** With this clock, so that results can be reproduced. */
    public ChatInput withClock(Clock other) {
        return new ChatInput(messages, bosToken, eosToken, addGenerationPrompt, tools, variables, other);
    }

    /** The template's variables. What is not there stays undefined, as templates expect. */
    Map<String, Object> toVariables() {
        Map<String, Object> all = new LinkedHashMap<>();
        List<Map<String, Object>> maps = new ArrayList<>();
        for (ChatMessage message : messages) {
            maps.add(message.toMap());
        }
        all.put("messages", maps);
        all.put("add_generation_prompt", addGenerationPrompt);
        if (bosToken != null) {
            all.put("bos_token", bosToken);
        }
        if (eosToken != null) {
            all.put("eos_token", eosToken);
        }
        if (!tools.isEmpty()) {
            all.put("tools", tools);
        }
        all.putAll(variables);
        return all;
    }
}
