package dev.lathe.springai;

import dev.lathe.Answer;
import dev.lathe.Engine;
import dev.lathe.GenerationResult;
import dev.lathe.chat.ReplyPiece;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingManager;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * A model that answers conversations in this process. Greedy unless a temperature is given. Thread-safe: requests at
 * the same time go through the engine's passes together, and a conversation that goes on evaluates its new part alone.
 *
 * <p>A prompt without options has the model's own, one with {@link LatheChatOptions} has these, as Spring AI wants it;
 * Spring AI's portable options are laid over the model's own. What Lathe lacks (images, another model's name or
 * options) is refused. Calls of tools follow the tools' schemas and are left to Spring AI's advisor; a text follows
 * the output schema, if one is given.
 *
 * <p>What a model thinks is the property {@code thinking} of its message. While it streams, each piece of it is
 * metadata {@code thinking} of its generation, and the last response has the whole.
 *
 * <pre>{@code
 * try (Model model = Model.load(file);
 *         Engine engine = model.engine()) {
 *     ChatModel chat = LatheChatModel.builder(engine, "smollm2").build();
 *     System.out.println(chat.call("What is a lathe?"));
 * }
 * }</pre>
 */
public final class LatheChatModel implements ChatModel {
    static final String PROVIDER = "lathe";
    private static final ChatModelObservationConvention CONVENTION = new DefaultChatModelObservationConvention();

    private final String modelName;
    private final LatheChatOptions options;
    private final Requests requests;
    private final ObservationRegistry registry;
    private final ChatModelObservationConvention convention;

    private LatheChatModel(Builder builder) {
        if (builder.engine.model().chatTemplate().isEmpty()) {
            throw new IllegalStateException("the model's file has no chat template (tokenizer.chat_template):"
                    + " use a model made for conversations");
        }
        this.modelName = builder.modelName;
        this.options = ofThisModel(builder.options);
        this.requests = new Requests(builder.engine, builder.tools);
        this.registry = builder.registry;
        this.convention = builder.convention;
    }

    /**
     * A model to be built.
     *
     * @param engine stays the caller's
     * @param modelName what responses and observations call the model
     */
    public static Builder builder(Engine engine, String modelName) {
        return new Builder(engine, modelName);
    }

    @Override
    public LatheChatOptions getOptions() {
        return options;
    }

    /**
     * Waits for the whole answer; a caller that is interrupted cancels it.
     *
     * @throws IllegalArgumentException if an option is out of its range, or for another model
     * @throws UnsupportedOperationException if a message has media
     * @throws dev.lathe.model.ContextFullException if the prompt is longer than the context
     * @throws dev.lathe.serve.QueueFullException if too many requests wait
     * @throws CancellationException if the calling thread is interrupted; it stays so
     */
    @Override
    public ChatResponse call(Prompt prompt) {
        Prompt complete = complete(prompt);
        ChatModelObservationContext context = context(complete, false);
        return observation(context).observe(() -> {
            ChatResponse response = new Responses(modelName).whole(result(submit(complete)));
            context.setResponse(response);
            return response;
        });
    }

    /**
     * A request for each subscription, which begins with it and is cancelled with it. Responses come from a virtual
     * thread of the request's own; the answer does not wait for its subscriber. Failures, as {@link #call(Prompt)}
     * throws them, come as errors.
     */
    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
        return Flux.deferContextual(subscriber -> {
            Prompt complete = complete(prompt);
            ChatModelObservationContext context = context(complete, true);
            Observation observation = observation(context)
                    .parentObservation(subscriber.getOrDefault(ObservationThreadLocalAccessor.KEY, null))
                    .start();
            return Flux.create(sink -> Thread.ofVirtual()
                    .name("lathe-spring-ai")
                    .start(() -> stream(complete, context, observation, sink)));
        });
    }

    private void stream(
            Prompt prompt, ChatModelObservationContext context, Observation observation, FluxSink<ChatResponse> sink) {
        try {
            Responses responses = new Responses(modelName);
            Answer answer = submit(prompt);
            sink.onCancel(answer::cancel);
            for (ReplyPiece piece : answer.pieces()) {
                responses.piece(piece).ifPresent(sink::next);
            }
            GenerationResult result = answer.result();
            context.setResponse(responses.whole(result));
            observation.stop();
            sink.next(responses.end(result));
            sink.complete();
        } catch (RuntimeException | Error failure) {
            observation.error(failure);
            observation.stop();
            sink.error(failure);
        }
    }

    private Answer submit(Prompt prompt) {
        return requests.of(prompt, (LatheChatOptions) prompt.getOptions()).submit();
    }

    private static GenerationResult result(Answer answer) {
        try {
            return answer.result();
        } catch (CancellationException interrupted) {
            answer.cancel();
            throw interrupted;
        }
    }

    /** The prompt with options of Lathe's own, which name the model. */
    private Prompt complete(Prompt prompt) {
        ChatOptions given = prompt.getOptions();
        LatheChatOptions complete =
                switch (given) {
                    case null -> options;
                    case LatheChatOptions own -> ofThisModel(own);
                    default ->
                        ofThisModel(options.mutate().combineWith(given.mutate()).build());
                };
        return prompt.mutate().chatOptions(complete).build();
    }

    private LatheChatOptions ofThisModel(LatheChatOptions given) {
        if (given.getModel() != null && !given.getModel().equals(modelName)) {
            throw new IllegalArgumentException("the model \"" + given.getModel() + "\" is asked for: expected \""
                    + modelName + "\", the only one here, or no name");
        }
        return given.mutate().model(modelName).build();
    }

    private static ChatModelObservationContext context(Prompt prompt, boolean streaming) {
        return ChatModelObservationContext.builder()
                .prompt(prompt)
                .provider(PROVIDER)
                .streaming(streaming)
                .build();
    }

    private Observation observation(ChatModelObservationContext context) {
        return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(
                convention, CONVENTION, () -> context, registry);
    }

    /** A model in the making. Not thread-safe. */
    public static final class Builder {
        private final Engine engine;
        private final String modelName;
        private LatheChatOptions options = LatheChatOptions.builder().build();
        private ToolCallingManager tools = ToolCallingManager.builder().build();
        private ObservationRegistry registry = ObservationRegistry.NOOP;
        private ChatModelObservationConvention convention = CONVENTION;

        private Builder(Engine engine, String modelName) {
            this.engine = Objects.requireNonNull(engine, "engine");
            this.modelName = Objects.requireNonNull(modelName, "modelName");
        }

        /** Options for prompts that do not say otherwise. */
        public Builder options(LatheChatOptions value) {
            this.options = Objects.requireNonNull(value, "options");
            return this;
        }

        /** Says which tools options have. */
        public Builder toolCallingManager(ToolCallingManager value) {
            this.tools = Objects.requireNonNull(value, "toolCallingManager");
            return this;
        }

        /** Is told of each request; nobody unless given. */
        public Builder observationRegistry(ObservationRegistry value) {
            this.registry = Objects.requireNonNull(value, "observationRegistry");
            return this;
        }

        /** How observations are named; as Spring AI does unless given. */
        public Builder observationConvention(ChatModelObservationConvention value) {
            this.convention = Objects.requireNonNull(value, "observationConvention");
            return this;
        }

        /**
         * The model.
         *
         * @throws IllegalStateException if the model's file has no chat template
         * @throws IllegalArgumentException if the options name another model
         */
        public LatheChatModel build() {
            return new LatheChatModel(this);
        }
    }
}
