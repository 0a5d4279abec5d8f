<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>Banner</name>
    <message>
        <source>Dismiss</source>
        <translation>关闭提示</translation>
    </message>
</context>
<context>
    <name>CallClock</name>
    <message>
        <source>Call time {time}</source>
        <translation>通话时长 {time}</translation>
    </message>
</context>
<context>
    <name>Chip</name>
    <message>
        <source>Insult</source>
        <translation>辱骂·人身攻击</translation>
    </message>
    <message>
        <source>Threat</source>
        <translation>威胁</translation>
    </message>
    <message>
        <source>Harassment</source>
        <translation>骚扰</translation>
    </message>
    <message>
        <source>Discrimination</source>
        <translation>歧视</translation>
    </message>
    <message>
        <source>Curse on the family</source>
        <translation>诅咒家人</translation>
    </message>
    <message>
        <source>Mobile</source>
        <translation>手机号</translation>
    </message>
    <message>
        <source>Landline</source>
        <translation>座机</translation>
    </message>
    <message>
        <source>ID card</source>
        <translation>身份证号</translation>
    </message>
    <message>
        <source>Bank card</source>
        <translation>银行卡号</translation>
    </message>
    <message>
        <source>Number plate</source>
        <translation>车牌</translation>
    </message>
    <message>
        <source>E-mail</source>
        <translation>邮箱</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>姓名</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>验证码</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>单号</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>号码</translation>
    </message>
    <message>
        <source>Hidden</source>
        <translation>已遮罩</translation>
    </message>
    <message>
        <source>unsure</source>
        <translation>不确定</translation>
    </message>
    <message>
        <source>marked as masked wrongly</source>
        <translation>已标记遮错</translation>
    </message>
    <message>
        <source>, </source>
        <translation>，</translation>
    </message>
    <message>
        <source>Goes on in another utterance</source>
        <translation>号码分在几句话里</translation>
    </message>
    <message>
        <source>Marked as masked wrongly</source>
        <translation>已标记为遮错</translation>
    </message>
    <message>
        <source>Check digit right</source>
        <translation>校验正确</translation>
    </message>
    <message>
        <source>Check digit wrong</source>
        <translation>校验不符</translation>
    </message>
    <message>
        <source>Unsure</source>
        <translation>不确定</translation>
    </message>
</context>
<context>
    <name>DevicePage</name>
    <message>
        <source>Your microphone</source>
        <translation>你的麦克风</translation>
    </message>
    <message>
        <source>Output that plays the customer</source>
        <translation>播放客户声音的输出设备</translation>
    </message>
    <message>
        <source>The headset or loudspeaker that your softphone plays on.</source>
        <translation>软电话播放声音所用的耳机或扬声器。</translation>
    </message>
    <message>
        <source>Level of your microphone</source>
        <translation>麦克风音量</translation>
    </message>
    <message>
        <source>Level of the customer&apos;s output</source>
        <translation>客户侧输出音量</translation>
    </message>
    <message>
        <source>Test both sides</source>
        <translation>测试双方声音</translation>
    </message>
    <message>
        <source>Stop the test</source>
        <translation>停止测试</translation>
    </message>
    <message>
        <source>Start the test</source>
        <translation>开始测试</translation>
    </message>
    <message>
        <source>The test waits until the call has ended.</source>
        <translation>通话结束后才能测试。</translation>
    </message>
    <message>
        <source>1 of 2: Speak into your microphone as in a call. {percent} %</source>
        <translation>第 1 步（共 2 步）：请像通话时那样对着麦克风说话。{percent}%</translation>
    </message>
    <message>
        <source>2 of 2: Let the softphone play: a test number or a ringing tone. {percent} %</source>
        <translation>第 2 步（共 2 步）：请让软电话放出声音，例如拨打测试号码或播放铃声。{percent}%</translation>
    </message>
    <message>
        <source>Nothing comes from these devices. Choose others, or check that they are plugged in.</source>
        <translation>这两个设备没有声音。请换一个设备，或检查是否插好。</translation>
    </message>
    <message>
        <source>Finds out whether the two sides are swapped, the same, or silent. Takes about ten seconds.</source>
        <translation>检查两侧是否接反、是否是同一个设备、是否没有声音。大约需要十秒。</translation>
    </message>
    <message>
        <source>Both sides are right.</source>
        <translation>两侧都正确。</translation>
    </message>
    <message>
        <source>The two sides are swapped. Exchange the two devices above.</source>
        <translation>两侧接反了。请把上面的两个设备对调。</translation>
    </message>
    <message>
        <source>Both sides hear the same. Choose two different devices.</source>
        <translation>两侧听到的是同一个声音。请选择两个不同的设备。</translation>
    </message>
    <message>
        <source>Your microphone was not heard. Check its mute switch, or choose another.</source>
        <translation>没有听到你的麦克风。请检查静音开关，或换一个麦克风。</translation>
    </message>
    <message>
        <source>The far end was not heard. Choose the output that your softphone plays on.</source>
        <translation>没有听到对方的声音。请选择软电话播放声音的输出设备。</translation>
    </message>
    <message>
        <source>Both sides are right, but your microphone hears the loudspeaker. A headset avoids that.</source>
        <translation>两侧都正确，但麦克风能听到扬声器的声音。使用耳机可以避免。</translation>
    </message>
    <message>
        <source>The test was not clear. Repeat it in a quiet moment.</source>
        <translation>测试结果不明确。请在安静时再测一次。</translation>
    </message>
    <message>
        <source>System default</source>
        <translation>系统默认</translation>
    </message>
</context>
<context>
    <name>Faults</name>
    <message>
        <source>An audio device cannot be opened or was unplugged.</source>
        <translation>音频设备打不开，或已被拔出。</translation>
    </message>
    <message>
        <source>Check headset and softphone output, then choose the devices in the settings.</source>
        <translation>请检查耳机和软电话的输出，再到设置中选择设备。</translation>
    </message>
    <message>
        <source>The recognition model is missing or damaged.</source>
        <translation>识别模型缺失或已损坏。</translation>
    </message>
    <message>
        <source>Ask IT to run: tingbanctl models verify</source>
        <translation>请让 IT 人员运行：tingbanctl models verify</translation>
    </message>
    <message>
        <source>The key of the encrypted store is not available.</source>
        <translation>加密存储的密钥不可用。</translation>
    </message>
    <message>
        <source>Unlock the system&apos;s keyring and start Tingban again.</source>
        <translation>请解锁系统钥匙串，然后重新启动听伴。</translation>
    </message>
    <message>
        <source>The encrypted store cannot be opened or written.</source>
        <translation>加密存储无法打开或写入。</translation>
    </message>
    <message>
        <source>Make room on the disk; if it stays so, ask IT to run: tingbanctl doctor</source>
        <translation>请腾出磁盘空间；仍不行时请让 IT 人员运行：tingbanctl doctor</translation>
    </message>
    <message>
        <source>Another program is using the encrypted store.</source>
        <translation>另一个程序正在使用加密存储。</translation>
    </message>
    <message>
        <source>Close the other Tingban, then start this one again.</source>
        <translation>请关闭另一个听伴，再重新启动本程序。</translation>
    </message>
    <message>
        <source>A setting is not accepted.</source>
        <translation>有一项设置不被接受。</translation>
    </message>
    <message>
        <source>Correct it in the settings.</source>
        <translation>请在设置中改正。</translation>
    </message>
    <message>
        <source>This computer lacks something Tingban needs.</source>
        <translation>这台电脑缺少听伴运行所需的条件。</translation>
    </message>
    <message>
        <source>Ask IT to run: tingbanctl doctor</source>
        <translation>请让 IT 人员运行：tingbanctl doctor</translation>
    </message>
    <message>
        <source>The settings could not be saved.</source>
        <translation>设置无法保存。</translation>
    </message>
    <message>
        <source>Check the rights to the settings folder and the room on the disk.</source>
        <translation>请检查设置文件夹的权限和磁盘空间。</translation>
    </message>
    <message>
        <source>Calls cannot be started from the command line.</source>
        <translation>无法从命令行开始通话。</translation>
    </message>
    <message>
        <source>Another Tingban may be running; close it and start this one again.</source>
        <translation>可能有另一个听伴在运行；请关闭它，再重新启动本程序。</translation>
    </message>
    <message>
        <source>This key combination does not work.</source>
        <translation>这个组合键不能使用。</translation>
    </message>
    <message>
        <source>Take Ctrl or Alt together with a letter, a digit or F1 to F12.</source>
        <translation>请用 Ctrl 或 Alt 加上字母、数字或 F1 到 F12。</translation>
    </message>
    <message>
        <source>The key for starting a call is taken by another program.</source>
        <translation>开始通话的快捷键被其他程序占用。</translation>
    </message>
    <message>
        <source>Choose another key in the settings; the button works as before.</source>
        <translation>请在设置中换一个快捷键；按钮仍可使用。</translation>
    </message>
    <message>
        <source>The key for reading a number back is taken by another program.</source>
        <translation>复述号码的快捷键已被其他程序占用。</translation>
    </message>
    <message>
        <source>Choose another key in the settings; the menu works as before.</source>
        <translation>请在设置里换一个快捷键；菜单不受影响。</translation>
    </message>
    <message>
        <source>The key for marking a wrong mask is taken by another program.</source>
        <translation>「遮错了」的快捷键已被其他程序占用。</translation>
    </message>
    <message>
        <source>The mask has failed: captions have stopped, the recording goes on.</source>
        <translation>遮罩出了故障：字幕已停止，录音照常进行。</translation>
    </message>
    <message>
        <source>Go on by ear. If it stays so, ask IT to run: tingbanctl doctor</source>
        <translation>请先直接听对方说话。如果一直这样，请 IT 运行：tingbanctl doctor</translation>
    </message>
    <message>
        <source>There is no supervisors&apos; key on this desk, so masked originals are not kept.</source>
        <translation>这台电脑上没有班长公钥，被遮罩的原文不会保存。</translation>
    </message>
    <message>
        <source>Ask IT to run: tingbanctl keys import-public</source>
        <translation>请 IT 运行：tingbanctl keys import-public</translation>
    </message>
    <message>
        <source>The file of supervisors&apos; keys cannot be read, so masked originals are not kept.</source>
        <translation>班长公钥文件无法读取，被遮罩的原文不会保存。</translation>
    </message>
    <message>
        <source>Ask IT to import it anew: tingbanctl keys import-public</source>
        <translation>请 IT 重新导入：tingbanctl keys import-public</translation>
    </message>
    <message>
        <source>The pause key is taken by another program.</source>
        <translation>暂停的快捷键被其他程序占用。</translation>
    </message>
    <message>
        <source>{part} met an internal error.</source>
        <translation>{part}遇到内部错误。</translation>
    </message>
    <message>
        <source>It starts again by itself. If this comes back, give the log to IT.</source>
        <translation>它会自动重新启动。若反复出现，请把日志交给 IT 人员。</translation>
    </message>
    <message>
        <source>{part} stopped and is starting again.</source>
        <translation>{part}已停止，正在重新启动。</translation>
    </message>
    <message>
        <source>There is nothing to do; the call goes on.</source>
        <translation>无需操作，电话不受影响。</translation>
    </message>
    <message>
        <source>{part} keeps failing and has been stopped.</source>
        <translation>{part}反复出错，已停用。</translation>
    </message>
    <message>
        <source>Start Tingban again; if it stays so, ask IT to run: tingbanctl doctor</source>
        <translation>请重新启动听伴；仍不行时请让 IT 人员运行：tingbanctl doctor</translation>
    </message>
</context>
<context>
    <name>Field</name>
    <message>
        <source>Set by your administrator; ask them if it needs to change.</source>
        <translation>由管理员设定；如需更改请联系管理员。</translation>
    </message>
</context>
<context>
    <name>FoldedStrip</name>
    <message>
        <source>Unfold the panel</source>
        <translation>展开面板</translation>
    </message>
    <message>
        <source>Go on recording</source>
        <translation>继续录音</translation>
    </message>
    <message>
        <source>Pause for passwords and codes</source>
        <translation>暂停（涉及密码、验证码时）</translation>
    </message>
    <message>
        <source>End call</source>
        <translation>结束通话</translation>
    </message>
    <message>
        <source>Start call</source>
        <translation>开始通话</translation>
    </message>
    <message>
        <source>Level of the customer</source>
        <translation>客户音量</translation>
    </message>
    <message>
        <source>Level of the agent</source>
        <translation>坐席音量</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Recording notice: not confirmed</source>
        <translation>录音告知：尚未确认</translation>
    </message>
    <message>
        <source>Recording notice: played by the line</source>
        <translation>录音告知：线路已播放</translation>
    </message>
    <message>
        <source>Recording notice: said by you</source>
        <translation>录音告知：您已告知</translation>
    </message>
    <message>
        <source>Recording notice: heard in the call</source>
        <translation>录音告知：通话中已听到</translation>
    </message>
    <message>
        <source>The customer refuses: nothing of this call is kept</source>
        <translation>客户拒绝录音：本次通话不保存任何内容</translation>
    </message>
    <message>
        <source>The customer seems not to agree to the recording</source>
        <translation>客户似乎不同意录音</translation>
    </message>
</context>
<context>
    <name>NoticeRow</name>
    <message>
        <source>Delete what is kept of this call, for good?</source>
        <translation>删除本次通话已保存的内容？不能恢复。</translation>
    </message>
    <message>
        <source>I have said it</source>
        <translation>我已告知</translation>
    </message>
    <message>
        <source>The line has played it</source>
        <translation>线路已播放</translation>
    </message>
    <message>
        <source>The customer refuses: keep nothing</source>
        <translation>客户拒绝：不保存</translation>
    </message>
    <message>
        <source>Change what is known of the recording notice</source>
        <translation>更改录音告知的状态</translation>
    </message>
    <message>
        <source>Refuses: keep nothing</source>
        <translation>客户拒绝：不保存</translation>
    </message>
    <message>
        <source>No refusal</source>
        <translation>没有拒绝</translation>
    </message>
    <message>
        <source>Delete it</source>
        <translation>删除，不再保存</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>返回</translation>
    </message>
</context>
<context>
    <name>Panel</name>
    <message>
        <source>Tingban</source>
        <translation>听伴</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Customer only</source>
        <translation>只看客户</translation>
    </message>
    <message>
        <source>Mask not active: captions are as spoken.</source>
        <translation>遮罩未启用：字幕为原话。</translation>
    </message>
    <message>
        <source>End call</source>
        <translation>结束通话</translation>
    </message>
    <message>
        <source>Start call</source>
        <translation>开始通话</translation>
    </message>
    <message>
        <source>Read the latest number back</source>
        <translation>复述最近的号码</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Move to the left edge</source>
        <translation>移到屏幕左侧</translation>
    </message>
    <message>
        <source>Move to the right edge</source>
        <translation>移到屏幕右侧</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
</context>
<context>
    <name>ReadBackBar</name>
    <message>
        <source>Number to read back</source>
        <translation>要复述的号码</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>No number was heard in this call.</source>
        <translation>本次通话还没有听到号码。</translation>
    </message>
</context>
<context>
    <name>RowActions</name>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>全选</translation>
    </message>
    <message>
        <source>Marked as wrong: {chip}</source>
        <translation>已标记遮错：{chip}</translation>
    </message>
    <message>
        <source>Masked wrongly: {chip}</source>
        <translation>遮错了：{chip}</translation>
    </message>
</context>
<context>
    <name>SettingsWindow</name>
    <message>
        <source>Tingban settings</source>
        <translation>听伴设置</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Calls</source>
        <translation>通话</translation>
    </message>
    <message>
        <source>Start a call when the customer is heard</source>
        <translation>听到客户说话时自动开始通话</translation>
    </message>
    <message>
        <source>Listens for a voice on the customer&apos;s output between calls.</source>
        <translation>两次通话之间会监听客户侧输出是否有人说话。</translation>
    </message>
    <message>
        <source>Key to start and end a call</source>
        <translation>开始和结束通话的快捷键</translation>
    </message>
    <message>
        <source>Works while another window is in front.</source>
        <translation>其他窗口在前面时也有效。</translation>
    </message>
    <message>
        <source>Key to pause</source>
        <translation>暂停的快捷键</translation>
    </message>
    <message>
        <source>Key to read a number back</source>
        <translation>复述号码的快捷键</translation>
    </message>
    <message>
        <source>Key to mark a wrong mask</source>
        <translation>「遮错了」的快捷键</translation>
    </message>
    <message>
        <source>The line plays the recording notice</source>
        <translation>线路会播放录音告知</translation>
    </message>
    <message>
        <source>Every call then begins with the notice given.</source>
        <translation>开启后，每次通话开始时即视为已告知。</translation>
    </message>
    <message>
        <source>Softphone to follow</source>
        <translation>跟随的软电话</translation>
    </message>
    <message>
        <source>Control address of the softphone</source>
        <translation>软电话的控制地址</translation>
    </message>
    <message>
        <source>Control port of the softphone</source>
        <translation>软电话的控制端口</translation>
    </message>
    <message>
        <source>Recognition</source>
        <translation>识别</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Computed on</source>
        <translation>运算设备</translation>
    </message>
    <message>
        <source>A change takes hold when no call runs.</source>
        <translation>更改在没有通话时生效。</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>窗口</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Size of text and controls</source>
        <translation>文字和控件大小</translation>
    </message>
    <message>
        <source>Edge of the screen</source>
        <translation>停靠边缘</translation>
    </message>
    <message>
        <source>Screen</source>
        <translation>屏幕</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Chosen by itself</source>
        <translation>自动选择</translation>
    </message>
    <message>
        <source>Processor (CPU)</source>
        <translation>处理器（CPU）</translation>
    </message>
    <message>
        <source>Graphics card (CUDA)</source>
        <translation>显卡（CUDA）</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>左侧</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>右侧</translation>
    </message>
    <message>
        <source>Main screen</source>
        <translation>主屏幕</translation>
    </message>
</context>
<context>
    <name>Status</name>
    <message>
        <source>Not in a call</source>
        <translation>未在通话</translation>
    </message>
    <message>
        <source>Opening devices</source>
        <translation>正在打开设备</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>录音中</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Recording interrupted</source>
        <translation>录音中断</translation>
    </message>
    <message>
        <source>Captions are starting</source>
        <translation>字幕正在启动</translation>
    </message>
    <message>
        <source>Loading·{model}·{device}</source>
        <translation>正在载入·{model}·{device}</translation>
    </message>
    <message>
        <source>Ready·{model}·{device}</source>
        <translation>就绪·{model}·{device}</translation>
    </message>
    <message>
        <source>Listening·{model}·{device}</source>
        <translation>识别中·{model}·{device}</translation>
    </message>
    <message>
        <source>Busy·{model}·{device}</source>
        <translation>识别繁忙·{model}·{device}</translation>
    </message>
    <message>
        <source>Delay {seconds} s</source>
        <translation>延迟 {seconds} 秒</translation>
    </message>
    <message>
        <source>The window</source>
        <translation>窗口</translation>
    </message>
    <message>
        <source>The recorder</source>
        <translation>录音</translation>
    </message>
    <message>
        <source>The recogniser</source>
        <translation>识别</translation>
    </message>
    <message>
        <source>The store</source>
        <translation>存储</translation>
    </message>
</context>
<context>
    <name>StatusHeader</name>
    <message>
        <source>Go on recording</source>
        <translation>继续录音</translation>
    </message>
    <message>
        <source>Pause for passwords and codes</source>
        <translation>暂停（涉及密码、验证码时）</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>Fold to a strip</source>
        <translation>收起为窄条</translation>
    </message>
    <message>
        <source>Level of the customer</source>
        <translation>客户音量</translation>
    </message>
    <message>
        <source>Level of the agent</source>
        <translation>坐席音量</translation>
    </message>
</context>
<context>
    <name>Transcript</name>
    <message>
        <source>Customer</source>
        <translation>客户</translation>
    </message>
    <message>
        <source>Agent</source>
        <translation>坐席</translation>
    </message>
    <message>
        <source>{start}–{end} Both sides paused</source>
        <translation>{start}–{end} 两边暂停</translation>
    </message>
    <message>
        <source>the computer was too busy</source>
        <translation>电脑过于繁忙</translation>
    </message>
    <message>
        <source>the audio device was away</source>
        <translation>音频设备断开</translation>
    </message>
    <message>
        <source>paused by you</source>
        <translation>已由你暂停</translation>
    </message>
    <message>
        <source>this part could not be recognised</source>
        <translation>这一段无法识别</translation>
    </message>
    <message>
        <source>the disk is full</source>
        <translation>磁盘已满</translation>
    </message>
    <message>
        <source>{start}–{end} Nothing from {speaker}: {reason}</source>
        <translation>{start}–{end} {speaker}无记录：{reason}</translation>
    </message>
    <message>
        <source>{speaker} {time} (speaking) {text}</source>
        <translation>{speaker} {time}（正在说）{text}</translation>
    </message>
    <message>
        <source>{speaker} {time} {text}</source>
        <translation>{speaker} {time} {text}</translation>
    </message>
</context>
<context>
    <name>TranscriptView</name>
    <message>
        <source>Transcript</source>
        <translation>对话记录</translation>
    </message>
    <message>
        <source>During a call, what both sides say appears here.</source>
        <translation>通话时，双方说的话会显示在这里。</translation>
    </message>
    <message numerus="yes">
        <source>%n new</source>
        <comment>rows that came while reading further up</comment>
        <translation>
            <numerusform>%n 条新</numerusform>
        </translation>
    </message>
    <message>
        <source>Back to the newest: {new}</source>
        <translation>回到最新：{new}</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Show panel</source>
        <translation>显示面板</translation>
    </message>
    <message>
        <source>Hide panel</source>
        <translation>隐藏面板</translation>
    </message>
    <message>
        <source>End call</source>
        <translation>结束通话</translation>
    </message>
    <message>
        <source>Start call</source>
        <translation>开始通话</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Tingban: {phase}</source>
        <translation>听伴：{phase}</translation>
    </message>
</context>
</TS>
