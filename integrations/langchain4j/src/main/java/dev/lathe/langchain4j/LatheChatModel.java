package dev.lathe.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.lathe.Engine;
import java.util.List;

/**
 * A model that answers conversations in this process. Greedy unless a temperature is given. Thread-safe: requests at
 * the same time go through the engine's passes together, and a conversation that goes on evaluates its new part alone.
 *
 * <p>An answer in JSON follows its schema, whatever the model; a keyword of a schema that Lathe does not know is
 * refused. So do the arguments of the tools that it calls. Images are refused with an {@code
 * UnsupportedFeatureException}.
 *
 * <pre>{@code
 * try (Model model = Model.load(file);
 *         Engine engine = model.engine()) {
 *     System.out.println(new LatheChatModel(engine, "smollm2").chat("What is a lathe?"));
 * }
 * }</pre>
 */
public final class LatheChatModel extends ConversationModel implements ChatModel {
    /**
     * A model with nothing chosen.
     *
     * @param engine stays the caller's
     * @param modelName what answers and listeners call the model
     * @throws IllegalStateException if the model's file has no chat template
     */
    public LatheChatModel(Engine engine, String modelName) {
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
    public LatheChatModel(
            Engine engine, String modelName, ChatRequestParameters defaults, List<ChatModelListener> listeners) {
        super(engine, modelName, defaults, listeners);
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        conversations.checkSupported(request.parameters());
        return conversations.response(Conversations.run(conversations.request(request)));
    }
}
