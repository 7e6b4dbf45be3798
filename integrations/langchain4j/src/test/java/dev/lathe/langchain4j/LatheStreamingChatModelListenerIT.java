package dev.lathe.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import java.util.List;

/** LangChain4j's own kit for listeners. */
class LatheStreamingChatModelListenerIT extends AbstractStreamingChatModelListenerIT {
    @Override
    protected StreamingChatModel createModel(ChatModelListener listener) {
        return new LatheStreamingChatModel(
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
    protected StreamingChatModel createFailingModel(ChatModelListener listener) {
        return new LatheStreamingChatModel(
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
