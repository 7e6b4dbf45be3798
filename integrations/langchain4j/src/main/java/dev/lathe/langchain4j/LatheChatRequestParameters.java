package dev.lathe.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.lathe.decode.Decoding;
import java.time.Duration;
import java.util.Objects;

/** Parameters of a request that Lathe has beside LangChain4j's own. Immutable; null where nothing is said. */
public final class LatheChatRequestParameters extends DefaultChatRequestParameters {
    private final Long seed;
    private final Double minP;
    private final Double typicalP;
    private final Double repetitionPenalty;
    private final Decoding decoding;
    private final Duration timeLimit;
    private final Integer priority;
    private final Boolean thinking;

    private LatheChatRequestParameters(Builder builder) {
        super(builder);
        this.seed = builder.seed;
        this.minP = builder.minP;
        this.typicalP = builder.typicalP;
        this.repetitionPenalty = builder.repetitionPenalty;
        this.decoding = builder.decoding;
        this.timeLimit = builder.timeLimit;
        this.priority = builder.priority;
        this.thinking = builder.thinking;
    }

    /** Parameters to be chosen. */
    public static Builder builder() {
        return new Builder();
    }

    /** What the numbers are drawn from: the same seed has the same answer. */
    public Long seed() {
        return seed;
    }

    /** Tokens less probable than the most probable one by more than this factor are left out. */
    public Double minP() {
        return minP;
    }

    /** Tokens that surprise neither more nor less than expected are kept, up to this probability together. */
    public Double typicalP() {
        return typicalP;
    }

    /** Above 1 discourages what was said before. */
    public Double repetitionPenalty() {
        return repetitionPenalty;
    }

    /** How tokens are computed: with drafts, for instance. Exact strategies change the time and no token. */
    public Decoding decoding() {
        return decoding;
    }

    /** How long an answer may take, from the request on; what came until then is the answer. */
    public Duration timeLimit() {
        return timeLimit;
    }

    /** Who comes first when many ask; 0 unless given. */
    public Integer priority() {
        return priority;
    }

    /** Thinking on or off, where the model's template has a switch for it; else a request with it is refused. */
    public Boolean thinking() {
        return thinking;
    }

    @Override
    public LatheChatRequestParameters overrideWith(ChatRequestParameters other) {
        return builder().overrideWith(this).overrideWith(other).build();
    }

    @Override
    public LatheChatRequestParameters defaultedBy(ChatRequestParameters other) {
        return builder().overrideWith(other).overrideWith(this).build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LatheChatRequestParameters that
                && super.equals(other)
                && Objects.equals(seed, that.seed)
                && Objects.equals(minP, that.minP)
                && Objects.equals(typicalP, that.typicalP)
                && Objects.equals(repetitionPenalty, that.repetitionPenalty)
                && Objects.equals(decoding, that.decoding)
                && Objects.equals(timeLimit, that.timeLimit)
                && Objects.equals(priority, that.priority)
                && Objects.equals(thinking, that.thinking);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                super.hashCode(), seed, minP, typicalP, repetitionPenalty, decoding, timeLimit, priority, thinking);
    }

    @Override
    public String toString() {
        return "LatheChatRequestParameters{" + super.toString() + ", seed=" + seed + ", minP=" + minP + ", typicalP="
                + typicalP + ", repetitionPenalty=" + repetitionPenalty + ", decoding=" + decoding + ", timeLimit="
                + timeLimit + ", priority=" + priority + ", thinking=" + thinking + "}";
    }

    /** Parameters in the making. Not thread-safe. */
    public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {
        private Long seed;
        private Double minP;
        private Double typicalP;
        private Double repetitionPenalty;
        private Decoding decoding;
        private Duration timeLimit;
        private Integer priority;
        private Boolean thinking;

        private Builder() {}

        /** See {@link LatheChatRequestParameters#seed()}. */
        public Builder seed(Long value) {
            this.seed = value;
            return this;
        }

        /** See {@link LatheChatRequestParameters#minP()}. */
        public Builder minP(Double value) {
            this.minP = value;
            return this;
        }

        /** See {@link LatheChatRequestParameters#typicalP()}. */
        public Builder typicalP(Double value) {
            this.typicalP = value;
            return this;
        }

        /** See {@link LatheChatRequestParameters#repetitionPenalty()}. */
        public Builder repetitionPenalty(Double value) {
            this.repetitionPenalty = value;
            return this;
        }

        /** See {@link LatheChatRequestParameters#decoding()}. */
        public Builder decoding(Decoding value) {
            this.decoding = value;
            return this;
        }

        /** See {@link LatheChatRequestParameters#timeLimit()}. */
        public Builder timeLimit(Duration value) {
            this.timeLimit = value;
            return this;
        }

        /** See {@link LatheChatRequestParameters#priority()}. */
        public Builder priority(Integer value) {
            this.priority = value;
            return this;
        }

        /** See {@link LatheChatRequestParameters#thinking()}. */
        public Builder thinking(Boolean value) {
            this.thinking = value;
            return this;
        }

        @Override
        public Builder overrideWith(ChatRequestParameters other) {
            super.overrideWith(other);
            if (other instanceof LatheChatRequestParameters lathe) {
                seed = lathe.seed == null ? seed : lathe.seed;
                minP = lathe.minP == null ? minP : lathe.minP;
                typicalP = lathe.typicalP == null ? typicalP : lathe.typicalP;
                repetitionPenalty = lathe.repetitionPenalty == null ? repetitionPenalty : lathe.repetitionPenalty;
                decoding = lathe.decoding == null ? decoding : lathe.decoding;
                timeLimit = lathe.timeLimit == null ? timeLimit : lathe.timeLimit;
                priority = lathe.priority == null ? priority : lathe.priority;
                thinking = lathe.thinking == null ? thinking : lathe.thinking;
            }
            return this;
        }

        @Override
        public LatheChatRequestParameters build() {
            return new LatheChatRequestParameters(this);
        }
    }
}
