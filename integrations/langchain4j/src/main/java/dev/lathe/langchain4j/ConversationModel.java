package dev.lathe.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.lathe.Engine;
import java.util.List;
import java.util.Set;

/** What the models of conversations share: the engine, parameters for requests that do not say otherwise, listeners. */
abstract class ConversationModel {
    final Conversations conversations;
    private final LatheChatRequestParameters defaults;
    private final List<ChatModelListener> listeners;

    ConversationModel(
            Engine engine, String modelName, ChatRequestParameters defaults, List<ChatModelListener> listeners) {
        this.conversations = new Conversations(engine, modelName);
        this.defaults = conversations.defaults(defaults);
        this.listeners = List.copyOf(listeners);
    }

    public LatheChatRequestParameters defaultRequestParameters() {
        return defaults;
    }

    public List<ChatModelListener> listeners() {
        return listeners;
    }

    public ModelProvider provider() {
        return ModelProvider.OTHER;
    }

    public Set<Capability> supportedCapabilities() {
        return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    }
}
