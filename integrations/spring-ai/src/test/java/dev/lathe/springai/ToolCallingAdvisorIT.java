package dev.lathe.springai;

import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.test.chat.client.advisor.AbstractToolCallingAdvisorIT;

/** Spring AI's own kit for tools. */
class ToolCallingAdvisorIT extends AbstractToolCallingAdvisorIT {
    @Override
    protected ChatModel getChatModel() {
        return LatheChatModel.builder(TestEngine.ENGINE, TestEngine.NAME).build();
    }
}
