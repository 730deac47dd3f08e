# 屏幕上显示给人看的文字。$what 为 "badge" 或 "card"。

kiosk = 刷卡打印
language = 语言

idle-title = 请将{ $what ->
    [card] 卡片
   *[badge] 工牌
}靠近读卡器
idle-hint = 您的打印任务会显示在这里。
idle-unknown = { $what ->
    [card] 这张卡片
   *[badge] 这个工牌
}尚未登记。请联系相关人员添加。
idle-not-now = 打印服务暂时没有响应，请一分钟后重试。
idle-pick = 这是哪块屏幕？
idle-offline = 未连接到打印服务。正在重试…

secret-title = 连接此屏幕
secret-hint = 请输入您配置中的终端密钥。只需输入一次。
secret-label = 终端密钥
secret-wrong = 终端密钥不正确。请重试。
secret-wait = 错误次数过多。请等一分钟。
secret-connect = 连接

hello = 您好，{ $name }
hello-nobody = 您好
done = 完成
back = 返回
print = 打印
print-elsewhere = 其他打印机
change = 更改
change-of = 更改 { $title }
remove = 移除
list-title = 您的打印任务
list-empty = 您没有等待打印的任务。
list-empty-hint = 刚发送的任务可能需要稍等片刻。此列表会自动刷新。
list-asking = 正在查找新任务…
list-as-of = Universal Print 没有响应。此列表更新于 { $time }。
list-as-of-never = Universal Print 没有响应。这里的任务可能不全。
list-progress = 正在打印
list-ended = 最近 24 小时内结束：{ $count }
where-title = 要在哪里打印？
untitled = 打印任务 { $number }

stage-arriving = 正在接收
stage-waiting = 等待中
stage-barred = 现在无法打印
stage-sending = 正在发送到 { $printer }
stage-checking = 正在向 { $printer } 确认
stage-printing = 正在 { $printer } 上打印
stage-printing-sheets = { $count ->
   *[other] 正在 { $printer } 上打印：已出 { $count } 张
}
ended-completed = 已打印
ended-canceled = 已取消
ended-redirected = 已发送到另一台打印机
ended-withdrawn = 已在 Universal Print 中移除
ended-refused = 已拒绝
ended-failed = 失败
ended-removed = 已移除

may-have-printed = 可能已打印
may-have-printed-hint = 此任务可能已有纸张打印出来。请先查看打印机。如果没有，请在这里重新打印。
may-have-printed-again = 已查看，重新打印

copies = 份数
fewer = 减少
more = 增加
color = 颜色
color-color = 彩色
color-gray = 灰度
sides = 单双面
sides-one = 单面
sides-both = 双面
pages = 页码
pages-all = 全部
pages-from = 起始页
pages-to = 结束页
pages-some = 仅这些页
as-sent = 按发送时的设置
said-copies = { $count ->
   *[other] { $count } 份
}

remove-title = 要移除此任务吗？
remove-hint = 此任务将不会打印。移除后无法恢复。
remove-yes = 确认移除

session-title = 您还在吗？
session-hint = 您的任务列表将在几秒后关闭。
session-stay = 我还在

printer-ready = 就绪
printer-busy = 正在打印
printer-paper = 缺纸
printer-jam = 卡纸
printer-toner = 墨水或碳粉用尽
printer-door = 有盖板未关
printer-full = 出纸盘已满
printer-paused = 已暂停
printer-help = 需要处理
printer-unreachable = 没有响应
printer-unknown = 状态未知
printer-neighbor = { $printer } 已就绪。

notice-released = 已发送到 { $printer }。
notice-removed = 任务已移除。
notice-changed = 刚才有变动。请重新查看列表，然后再打印。
notice-may-have-printed = 此任务可能已有纸张打印出来。如需重新打印，请打开该任务。
notice-not-waiting = 该任务已不在等待中。
notice-barred = 该任务现在无法打印。
notice-must-stay-gray = 以灰度发送的任务，在这里只能以灰度打印。
notice-no-such-printer = 这里没有设置该打印机。
notice-not-now = 刚才没有成功。请重试。
notice-nothing = 请先选择一个任务。
notice-over = 您的本次使用已结束。请再次出示{ $what ->
    [card] 卡片
   *[badge] 工牌
}。

reason-cloud-unreachable = Universal Print 没有响应。我们会继续查询。
reason-cloud-refused = Universal Print 拒绝了我们的查询。我们会继续询问。
reason-not-paused = Universal Print 显示该任务不在等待中。我们会再次查询。
reason-configuration-refused = Universal Print 拒绝了更改后的设置。请换用其他设置。
reason-printer-unreachable = 打印机没有响应。请换一台打印机。
reason-printer-busy = 打印机当时无法接收更多任务。请重试，或换一台打印机。
reason-printer-refused = 打印机拒绝了此任务。请换一台打印机。
reason-printer-blocked = 打印机无法打印。请换一台打印机。
reason-printer-distrusted = 无法确认这是正确的打印机。请换一台打印机。
reason-printer-login = 打印机拒绝了我们的登录。请换一台打印机。
reason-printer-waking = 打印机正在唤醒。
reason-waits-at-panel = 需要有人在打印机自己的面板上操作。
reason-printer-aborted = 打印机中止了任务，没有输出任何纸张。请重新打印。
reason-printer-trouble = 打印机需要处理。请查看打印机的显示屏。
reason-cannot-do = 此打印机无法按要求打印。请更改设置，或换一台打印机。
reason-format-not-taken = 此打印机无法打印这类文档。请换一台打印机。
reason-document-late = 文档尚未到达。请一分钟后再试。
reason-no-such-printer = 这里已不再设置该打印机。
reason-source-printer-has-device = 此队列未设置为刷卡打印。请告知管理员。
reason-other-daemon = 另一个刷卡打印服务正在处理此队列。请告知管理员。
reason-release-timed-out = 用时过长。请重新打印。
reason-report-refused = 已经打印。Universal Print 尚未记录。
reason-unconfirmed = 打印机没有告知是否已全部打印。
reason-redirect-refused = Universal Print 没有将任务转到该打印机。
reason-failed-elsewhere = 另一台打印机没有打印此任务。
reason-parts-missing = 文档的部分内容在纸上可能看起来不同。
reason-expires-soon = 此任务即将被移除。请立即打印。

abort-hold-expired = 未及时打印。请重新发送。
abort-format-refused = 此队列不打印这类文档。
abort-format-not-taken = 这里没有打印机能打印这类文档。请以 PDF 格式发送。
abort-empty-document = 文档是空的。请重新发送。
abort-size-mismatch = 收到的文档已损坏。请重新发送。
abort-conversion-failed = 无法为打印机准备此文档。请以 PDF 格式发送。
abort-too-large = 文档过大，此队列无法处理。
abort-by-administrator = 管理员结束了此任务：{ $words }
abort-released = 已打印。
abort-canceled-at-printer = 已在打印机上取消。
abort-removed-by-owner = 您已移除此任务。

sign-in = 不用工牌登录
sign-in-hint = 请输入您的工作电子邮箱和 PIN 码。
sign-in-user = 工作电子邮箱
sign-in-wrong = 电子邮箱与 PIN 码不匹配。
pin = PIN 码
pin-title = 请输入您的 PIN 码
pin-hint = 然后会显示您的打印任务。
pin-wrong = PIN 码不正确，请重试。
wrong-too-often = 错误次数过多，请等待一分钟。
erase = 删除
enter = 确定
register = 登记
register-title = 激活码
register-hint = 请输入您为新{ $what ->
    [card] 卡片
   *[badge] 工牌
}收到的激活码。
register-code = 激活码
register-wrong = 该激活码无效，请重试。
register-again = 请再次将{ $what ->
    [card] 卡片
   *[badge] 工牌
}靠近读卡器
register-again-hint = 之后即登记完成。
register-changing = 这是另一张{ $what ->
    [card] 卡片
   *[badge] 工牌
}，或者是每次号码都会变化的，无法在此使用。

slip-title = { $what ->
    [card] 这张卡片
   *[badge] 这个工牌
}尚未登记
slip-hint = 请把这张纸交给负责打印的人员，并告知此代码。登记到您名下之后，即可用{ $what ->
    [card] 卡片
   *[badge] 工牌
}取出您的打印任务。代码七天内有效。

collect-list = { $name } 的打印任务
collect-for = 代他人取件
collect-of = 代 { $name } 取件
collect-empty = 没有待取的任务。
notice-owners-alone = 只有任务的发送者可以执行此操作。
