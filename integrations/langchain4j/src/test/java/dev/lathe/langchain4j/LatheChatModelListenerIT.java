package dev.lathe.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import java.util.List;

/** LangChain4j's own kit for listeners. */
class LatheChatModelListenerIT extends AbstractChatModelListenerIT {
    @Override
    protected ChatModel createModel(ChatModelListener listener) {
        return new LatheChatModel(
                TestEngine.ENGINE,
                TestEngine.NAME,
                LatheChatRequestParameters.builder()
                        .modelName(modelName())
                        .temperature(temperature())
                        .topP(topP())
                        .maxOutputTokens(maxTokens())
                        .build(),
                List.of(listener));
    }

    @Override
    protected String modelName() {
        return "scripted";
    }

    @Override
    protected ChatModel createFailingModel(ChatModelListener listener) {
        return new LatheChatModel(
                TestEngine.ENGINE,
                TestEngine.NAME,
                LatheChatRequestParameters.builder().topP(2.0).build(),
                List.of(listener));
    }

    @Override
    protected Class<? extends Exception> expectedExceptionClass() {
        return InvalidRequestException.class;
    }

    @Override
    protected boolean supportsTools() {
        return false;
    }
}
