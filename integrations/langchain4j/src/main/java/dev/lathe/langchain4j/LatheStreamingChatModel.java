package dev.lathe.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.lathe.Answer;
import dev.lathe.Engine;
import dev.lathe.chat.ReplyPiece;
import java.util.ArrayList;
import java.util.List;

/**
 * As {@link LatheChatModel}, telling text, thinking and calls as they come. A request returns at once; its handler is
 * called by one virtual thread of its own, with failures too. What Lathe does not support is refused at once. What a
 * handler throws goes to its {@code onError}, and the answer goes on. The answer does not wait for its handler.
 */
public final class LatheStreamingChatModel extends ConversationModel implements StreamingChatModel {
    /**
     * A model with nothing chosen.
     *
     * @param engine stays the caller's
     * @param modelName what answers and listeners call the model
     * @throws IllegalStateException if the model's file has no chat template
     */
    public LatheStreamingChatModel(Engine engine, String modelName) {
        this(engine, modelName, LatheChatRequestParameters.builder().build(), List.of());
    }

    /**
     * A model with parameters for requests that do not say otherwise.
     *
     * @param engine stays the caller's
     * @param modelName what answers and listeners call the model
     * @throws IllegalStateException if the model's file has no chat template
     * @throws dev.langchain4j.exception.UnsupportedFeatureException if the parameters ask for what Lathe lacks
     */
    public LatheStreamingChatModel(
            Engine engine, String modelName, ChatRequestParameters defaults, List<ChatModelListener> listeners) {
        super(engine, modelName, defaults, listeners);
    }

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        conversations.checkSupported(request.parameters());
        Messages.of(request.messages());
        Thread.ofVirtual().name("lathe-langchain4j").start(() -> run(request, new Teller(handler)));
    }

    private void run(ChatRequest request, Teller teller) {
        try {
            Answer answer = Conversations.submit(conversations.request(request));
            teller.answer = answer;
            for (ReplyPiece piece : answer.pieces()) {
                if (!teller.isCancelled()) {
                    teller.tell(piece);
                }
            }
            if (!teller.isCancelled()) {
                teller.call(
                        () -> teller.handler.onCompleteResponse(conversations.response(answer.result(), teller.calls)));
            }
        } catch (RuntimeException | Error failure) {
            teller.fail(failure);
        }
    }

    /** Tells one handler of one answer, which it may cancel from any thread. */
    private static final class Teller implements StreamingHandle {
        private final StreamingChatResponseHandler handler;
        private Answer answer; // before the first token
        private final List<ToolExecutionRequest> calls = new ArrayList<>(); // complete
        private final StringBuilder arguments = new StringBuilder(); // of the call under way
        private volatile boolean cancelled;

        Teller(StreamingChatResponseHandler handler) {
            this.handler = handler;
        }

        void tell(ReplyPiece piece) {
            switch (piece) {
                case ReplyPiece.Text said ->
                    call(() -> handler.onPartialResponse(
                            new PartialResponse(said.text()), new PartialResponseContext(this)));
                case ReplyPiece.Thinking thought ->
                    call(() -> handler.onPartialThinking(
                            new PartialThinking(thought.text()), new PartialThinkingContext(this)));
                case ReplyPiece.CallPart part -> {
                    arguments.append(part.arguments());
                    call(() -> handler.onPartialToolCall(
                            PartialToolCall.builder()
                                    .index(part.index())
                                    .id(part.id())
                                    .name(part.name())
                                    .partialArguments(part.arguments())
                                    .build(),
                            new PartialToolCallContext(this)));
                }
                case ReplyPiece.Call complete -> {
                    calls.add(Conversations.executionRequest(complete.call(), arguments.toString()));
                    arguments.setLength(0);
                    call(() -> handler.onCompleteToolCall(new CompleteToolCall(calls.size() - 1, calls.getLast())));
                }
            }
        }

        void call(Runnable callback) {
            try {
                callback.run();
            } catch (RuntimeException failure) {
                fail(failure);
            }
        }

        /** A failure to tell a failure has nobody left to be told. */
        void fail(Throwable failure) {
            try {
                handler.onError(failure);
            } catch (RuntimeException unheard) {
                System.getLogger("dev.lathe.langchain4j")
                        .log(System.Logger.Level.WARNING, "a handler's onError failed", unheard);
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            answer.cancel();
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }
    }
}
