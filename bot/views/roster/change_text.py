"""What an import changes of persons, in the words of those who keep the list."""

from __future__ import annotations

from collections.abc import Iterator

from bot.locale import translator
from bot.views.vocabulary import held_name, own_title
from contacts.divisions.gazetteer import Gazetteer
from contacts.people import Person, Post
from contacts.phones import display
from contacts.roster.changes import Changed


class ChangeWords:
    """Persons and their changes in words, in one language."""

    def __init__(self, gazetteer: Gazetteer, language: str) -> None:
        self._gazetteer, self._language = gazetteer, language
        self._ = translator(language)

    def person(self, person: Person) -> str:
        """A person with what they are called as, and where."""
        posts = "、".join(self.post(post) for post in person.posts)
        return f"{person.name} {display(person.phone)} {posts}"

    def post(self, post: Post) -> str:
        """One post: 龙井市 老头沟镇 宝兴村 包保责任人（村书记）."""
        place = self._gazetteer.path(post.division_code)
        if post.place_code:
            place += f" {post.place_code.rpartition('-')[2]}"
        role = held_name(post, self._language)
        title = f"（{title}）" if (title := own_title(post)) else ""
        rank = self._(" 第{rank}顺位").format(rank=post.rank) if post.rank > 1 else ""
        return f"{place} {role}{title}{rank}"

    def change(self, change: Changed[Person]) -> str:
        """What becomes different of a person."""
        before, after = change.before, change.after
        return f"{before.name} {display(before.phone)}：" + "；".join(self._parts(before, after))

    def _parts(self, before: Person, after: Person) -> Iterator[str]:
        _ = self._
        if not before.active:
            yield _("回到通讯录")
        if before.name != after.name:
            yield _("改名 {name}").format(name=after.name)
        held = {post.office: post for post in before.posts}
        now = {post.office: post for post in after.posts}
        gone = [post for office, post in held.items() if office not in now]
        new = [post for office, post in now.items() if office not in held]
        if len(gone) == len(new) == 1:
            yield f"{self.post(gone[0])} → {self.post(new[0])}"
        else:
            for post in gone:
                yield _("不再是 {post}").format(post=self.post(post))
            for post in new:
                yield _("增加 {post}").format(post=self.post(post))
        for office, post in now.items():
            if office in held and held[office] != post:
                yield f"{self.post(held[office])} → {self.post(post)}"
        if before.telegram_id != after.telegram_id:
            yield _("Telegram 编号 {before} → {after}").format(
                before=before.telegram_id or _("无"), after=after.telegram_id or _("无")
            )
        if before.language != after.language:
            yield _("语言 {before} → {after}").format(before=before.language, after=after.language)
