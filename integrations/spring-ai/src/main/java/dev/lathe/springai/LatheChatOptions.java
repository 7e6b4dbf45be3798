package dev.lathe.springai;

import dev.lathe.chat.ToolChoice;
import dev.lathe.decode.Decoding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.DefaultChatOptionsBuilder;
import org.springframework.ai.model.tool.DefaultStructuredOutputChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;

/** Spring AI's options, and those that Lathe has beside them. Immutable; null where nothing is said. */
public final class LatheChatOptions extends DefaultToolCallingChatOptions implements StructuredOutputChatOptions {
    private static final Option<String> OUTPUT_SCHEMA = new Option<>("outputSchema", String.class);
    private static final Option<Long> SEED = new Option<>("seed", Long.class);
    private static final Option<Double> MIN_P = new Option<>("minP", Double.class);
    private static final Option<Double> TYPICAL_P = new Option<>("typicalP", Double.class);
    private static final Option<Double> REPETITION_PENALTY = new Option<>("repetitionPenalty", Double.class);
    private static final Option<Decoding> DECODING = new Option<>("decoding", Decoding.class);
    private static final Option<Duration> TIME_LIMIT = new Option<>("timeLimit", Duration.class);
    private static final Option<Integer> PRIORITY = new Option<>("priority", Integer.class);
    private static final Option<ToolChoice> TOOL_CHOICE = new Option<>("toolChoice", ToolChoice.class);
    private static final Option<Boolean> THINKING = new Option<>("thinking", Boolean.class);

    private final Map<Option<?>, Object> own;

    private LatheChatOptions(ToolCallingChatOptions portable, Map<Option<?>, Object> own) {
        super(
                portable.getToolCallbacks(),
                portable.getToolContext(),
                portable.getModel(),
                portable.getFrequencyPenalty(),
                portable.getMaxTokens(),
                portable.getPresencePenalty(),
                portable.getStopSequences(),
                portable.getTemperature(),
                portable.getTopK(),
                portable.getTopP());
        this.own = Collections.unmodifiableMap(new LinkedHashMap<>(own));
    }

    /** Options to be chosen. */
    public static Builder builder() {
        return new Builder();
    }

    /** The JSON schema that the answer's text follows, whatever the model; docs/constraints.md lists the keywords. */
    @Override
    public String getOutputSchema() {
        return OUTPUT_SCHEMA.in(own);
    }

    /** What the numbers are drawn from: the same seed has the same answer. */
    public Long getSeed() {
        return SEED.in(own);
    }

    /** Tokens less probable than the most probable one by more than this factor are left out. */
    public Double getMinP() {
        return MIN_P.in(own);
    }

    /** Tokens that surprise neither more nor less than expected are kept, up to this probability together. */
    public Double getTypicalP() {
        return TYPICAL_P.in(own);
    }

    /** Above 1 discourages what was said before. */
    public Double getRepetitionPenalty() {
        return REPETITION_PENALTY.in(own);
    }

    /** How tokens are computed: with drafts, for instance. Exact strategies change the time and no token. */
    public Decoding getDecoding() {
        return DECODING.in(own);
    }

    /** How long an answer may take, from the request on; what came until then is the answer. */
    public Duration getTimeLimit() {
        return TIME_LIMIT.in(own);
    }

    /** Who comes first when many ask; 0 unless given. */
    public Integer getPriority() {
        return PRIORITY.in(own);
    }

    /** Whether tools are called; the model decides unless given. */
    public ToolChoice getToolChoice() {
        return TOOL_CHOICE.in(own);
    }

    /** Whether the model thinks before it answers, where its template has a switch; else the template decides. */
    public Boolean getThinking() {
        return THINKING.in(own);
    }

    @Override
    public Builder mutate() {
        Builder builder = builder()
                .model(getModel())
                .frequencyPenalty(getFrequencyPenalty())
                .maxTokens(getMaxTokens())
                .presencePenalty(getPresencePenalty())
                .stopSequences(getStopSequences())
                .temperature(getTemperature())
                .topK(getTopK())
                .topP(getTopP())
                .toolCallbacks(getToolCallbacks())
                .toolContext(getToolContext());
        builder.own.putAll(own);
        return builder;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LatheChatOptions that && super.equals(other) && own.equals(that.own);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), own);
    }

    @Override
    public String toString() {
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("model", getModel());
        said.put("frequencyPenalty", getFrequencyPenalty());
        said.put("maxTokens", getMaxTokens());
        said.put("presencePenalty", getPresencePenalty());
        said.put("stopSequences", getStopSequences());
        said.put("temperature", getTemperature());
        said.put("topK", getTopK());
        said.put("topP", getTopP());
        said.put("toolCallbacks", getToolCallbacks());
        said.put("toolContext", getToolContext());
        own.forEach((option, value) -> said.put(option.name, value));
        said.values().removeIf(Objects::isNull);
        return "LatheChatOptions" + said;
    }

    /** The key of an option, with the type of its value. */
    private record Option<T>(String name, Class<T> type) {
        T in(Map<Option<?>, Object> values) {
            return type.cast(values.get(this));
        }
    }

    /** Options in the making; null unsays an option. Not thread-safe. */
    public static final class Builder extends DefaultToolCallingChatOptions.Builder<Builder>
            implements StructuredOutputChatOptions.Builder<Builder> {
        private static final Set<Class<?>> PORTABLE = Set.of(
                DefaultChatOptionsBuilder.class,
                DefaultToolCallingChatOptions.Builder.class,
                DefaultStructuredOutputChatOptions.Builder.class,
                Builder.class);

        private Map<Option<?>, Object> own = new LinkedHashMap<>();

        private Builder() {}

        /** See {@link LatheChatOptions#getOutputSchema()}. */
        @Override
        public Builder outputSchema(String value) {
            return set(OUTPUT_SCHEMA, value);
        }

        /** See {@link LatheChatOptions#getSeed()}. */
        public Builder seed(Long value) {
            return set(SEED, value);
        }

        /** See {@link LatheChatOptions#getMinP()}. */
        public Builder minP(Double value) {
            return set(MIN_P, value);
        }

        /** See {@link LatheChatOptions#getTypicalP()}. */
        public Builder typicalP(Double value) {
            return set(TYPICAL_P, value);
        }

        /** See {@link LatheChatOptions#getRepetitionPenalty()}. */
        public Builder repetitionPenalty(Double value) {
            return set(REPETITION_PENALTY, value);
        }

        /** See {@link LatheChatOptions#getDecoding()}. */
        public Builder decoding(Decoding value) {
            return set(DECODING, value);
        }

        /** See {@link LatheChatOptions#getTimeLimit()}. */
        public Builder timeLimit(Duration value) {
            return set(TIME_LIMIT, value);
        }

        /** See {@link LatheChatOptions#getPriority()}. */
        public Builder priority(Integer value) {
            return set(PRIORITY, value);
        }

        /** See {@link LatheChatOptions#getToolChoice()}. */
        public Builder toolChoice(ToolChoice value) {
            return set(TOOL_CHOICE, value);
        }

        /** See {@link LatheChatOptions#getThinking()}. */
        public Builder thinking(Boolean value) {
            return set(THINKING, value);
        }

        private <T> Builder set(Option<T> option, T value) {
            if (value == null) {
                own.remove(option);
            } else {
                own.put(option, value);
            }
            return this;
        }

        /**
         * What the other says goes before what this one says; stop sequences and tools of both are taken.
         *
         * @throws IllegalArgumentException if the other is of another provider, whose options would be lost
         */
        @Override
        public Builder combineWith(ChatOptions.Builder<?> other) {
            if (!PORTABLE.contains(other.getClass())) {
                throw new IllegalArgumentException(
                        "options are of " + other.getClass().getName()
                                + ": expected LatheChatOptions.builder() or Spring AI's own ChatOptions.builder(),"
                                + " ToolCallingChatOptions.builder() or StructuredOutputChatOptions.builder()");
            }
            super.combineWith(other);
            if (stopSequences != null) {
                stopSequences = new ArrayList<>(new LinkedHashSet<>(stopSequences));
            }
            if (other instanceof Builder lathe) {
                own.putAll(lathe.own);
            }
            if (other instanceof DefaultStructuredOutputChatOptions.Builder<?> structured
                    && structured.build().getOutputSchema() instanceof String schema) {
                outputSchema(schema);
            }
            return this;
        }

        @Override
        public Builder clone() {
            Builder copy = super.clone();
            copy.own = new LinkedHashMap<>(own);
            return copy;
        }

        @Override
        public LatheChatOptions build() {
            return new LatheChatOptions(super.build(), own);
        }
    }
}
