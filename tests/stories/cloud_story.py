"""The real bot and a cloud that rings people up or writes SMS, for the stories."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Generic, TypeVar

from bot.config.reader import Secret
from bot.config.settings_channels import (
    CallbacksSettings,
    ChannelsSettings,
    SmsSettings,
    VoiceSettings,
)
from bot.config.settings_clouds import AliyunSettings, TencentSettings, TwilioSettings
from tests.providers import aliyun, tencent, twilio
from tests.providers.cloud import Cloud
from tests.stories.county_gateway import FIRST, SECOND, ChannelStory, called_by
from tests.stories.story import Story, story_of
from tests.waiting import free_port

CALLBACK_TOKEN = "a-token-of-the-county"

C = TypeVar("C", bound=Cloud)


class CloudStory(ChannelStory, Generic[C]):
    """Whoever has no Telegram is called by a cloud."""

    def __init__(self, story: Story, cloud: C) -> None:
        super().__init__(story)
        self.cloud = cloud


@asynccontextmanager
async def cloud_story(
    tmp_path: Path, made: Callable[..., C], *at_once: str
) -> AsyncIterator[CloudStory[C]]:
    """A story in which the red ladder names these channels, served by a cloud."""
    port = free_port()
    cloud = made(lambda: story.clock())
    cloud.callbacks = f"http://127.0.0.1:{port}"
    async with (
        cloud.server,
        story_of(
            tmp_path,
            more=(FIRST, SECOND),
            alone=True,  # the people of the other warning would be rung up too
            channels=_channels(cloud, port),
            policy=called_by(*at_once),
        ) as story,
    ):
        running = CloudStory(story, cloud)
        yield running
        running.officers_read()


def _channels(cloud: Cloud, port: int) -> ChannelsSettings:
    name = type(cloud).__name__.lower()
    return ChannelsSettings(
        callbacks=CallbacksSettings(url="https://callbacks.example", port=port),
        voice=VoiceSettings(provider=name, per_second=1000),
        sms=SmsSettings(provider=name, per_second=1000),
        aliyun=AliyunSettings(
            access_key_id=aliyun.KEY_ID,
            access_key_secret=Secret(aliyun.KEY_SECRET),
            voice_url=cloud.url,
            sms_url=cloud.url,
            token_url=cloud.url,
            queue_url=cloud.url,
            callback_token=Secret(CALLBACK_TOKEN),
            show_number="04332500000",
            start_template="TTS_1",
            received_template="TTS_2",
            help_template="TTS_3",
            bye_template="TTS_4",
            sign_name="敦化应急",
            sms_template="SMS_1",
        ),
        tencent=TencentSettings(
            secret_id=tencent.SECRET_ID,
            secret_key=Secret(tencent.SECRET_KEY),
            url=cloud.url,
            sdk_app_id=tencent.APP,
            sign_name=tencent.SIGN,
            template_id=tencent.TEMPLATE,
            callback_token=Secret(CALLBACK_TOKEN),
        ),
        twilio=TwilioSettings(
            account_sid=twilio.ACCOUNT,
            auth_token=Secret(twilio.TOKEN),
            url=cloud.url,
            from_number=twilio.FROM,
        ),
    )
