/**
 * The passwords of eight and more characters that lead every list of leaked ones, in small letters; shorter ones fail by length.
 * Compared with the whole password, whatever its letters' case.
 */
const LIST = `
00000000 000000000 0000000000 01010101 01012000 0123456789 09876543 0987654321 10101010 11111111 111111111 1111111111 11112222 11221122
11223344 1122334455 112233445566 12121212 12123434 12312312 123123123 123321123 12341234 1234qwer 12344321 123454321 12345654321 12345678
12345678910 123456789 1234567890 123456789a 123456789q 12345678a 12345678q 1234567a 1234567q 123456abc 123456aa 12345qwe 12345qwert
12345qwerty 123698745 1236987450 123abc123 123qwe123 123qweasd 123qweasdzxc 13131313 13579246 135792468 1357924680 14141414 147147147
147258369 147852369 14789632 159159159 159357159 159753159 159357456 1a2b3c4d 1a2b3c4d5e 1g2w3e4r 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz1qaz
1qaz2wsx 1qaz2wsx3edc 1qazxsw2 1qazzaq1 20012001 20202020 21212121 22222222 222222222 23232323 23456789 24682468 25252525 258456258
31415926 32165498 321321321 33333333 333333333 369258147 44444444 45454545 456456456 456789123 4815162342 55555555 555555555 5555555555
56565656 66666666 666666666 69696969 741852963 77777777 777777777 7777777777 78945612 789456123 7894561230 789789789 87654321 876543210
88888888 888888888 951753456 963852741 987456321 98765432 987654321 9876543210 99999999 999999999 9999999999 a1234567 a12345678 a123456789
a1b2c3d4 a1b2c3d4e5 a1s2d3f4 a838hfid aa123456 aa12345678 aaaaaaaa aaaaaaaaaa abc12345 abc123456 abcd1234 abcd12345 abcdabcd abcdefgh
abcdefghi abcdefghij access14 access123 account1 adidas123 admin123 admin1234 admin12345 admin123456 administrator alexander alexandra
alexandre allison1 amanda123 andromeda anthony1 apple123 arsenal1 asasasas asd123456 asdasdasd asdf1234 asdfasdf asdfghjk asdfghjkl asdfjkl;
asshole1 august123 australia autumn123 azerty123 azertyui azertyuiop babygirl babygirl1 baseball baseball1 basketball batman123 beautiful
benjamin bethany1 bigdaddy bigtits1 billabong bismillah blackcat blackjack blahblah blink182 blowjob1 booboo123 boomer123 bradley1 brandon1
brooklyn brooklyn1 bullshit bullshit1 business butterfly butterfly1 california cameron1 caroline carolina catherine champion champions
change123 changeit changeme changeme1 changeme123 charlie1 charlie123 charlotte cheese123 chelsea1 chelsea123 chicken1 chocolate chocolate1
christian christina christine christopher christmas cinderella classic1 cocacola cocacola1 computer computer1 consumer coolcool corvette
courtney creative crystal1 cuteako1 cutiepie danielle daniel123 darkness december default1 default123 demodemo diamond1 dickhead dinosaur
discovery dolphin1 dolphins dragon123 dragonball drowssap einstein elephant elizabeth elizabeth1 emmanuel engineer enterprise evangelion
everton1 everything explorer facebook facebook1 fernando ferrari1 fireball firebird flamingo florence florida1 flower123 football
football1 football123 forever1 forever21 formula1 foundation france98 francesco freedom1 freedom123 friends1 friendship fuckface fuckoff1
fuckyou1 fuckyou12 fuckyou123 fuckyou2 gabriela gabriell gangster gateway1 gatorade godislove godzilla golden123 goldfish google123 gorgeous
greenday greenday1 guinness gundam00 happy123 hardcore harley123 harrypotter hello123 hello1234 helloworld hellokitty holiday1 hollywood
homework honeybee hotmail1 iceman123 icecream idontknow iloveme1 iloveyou iloveyou! iloveyou1 iloveyou12 iloveyou123 iloveyou2 iloveyou22
iloveyou3 infinity inuyasha ironman1 isabella isabelle jackson1 jasmine1 jeremiah jessica1 jessica123 jesus123 jesuschrist johncena jonathan
jordan123 jordan23 justin123 justinbieber juventus kangaroo kawasaki killer123 kimberly king1234 kingkong knight123 kristina lakers24
lasvegas leonardo letmein1 letmein123 letmein12 letmeinnow liberty1 lifehack limewire linkedin linkinpark liverpoo liverpool liverpool1
london123 lollipop longhorn loveforever lovelove loveme123 lovers123 loveyou1 lovely123 lucky123 madison1 manchester manunited margaret
marijuana marina123 marlboro marlboro1 martin123 master123 master1234 matthew1 maverick maxwell1 melissa1 mercedes mercury1 metallica
metallic michael1 michael123 michaela michelle michelle1 michigan microsoft midnight minecraft minecraft1 mitchell monkey123 monster1 montana1
monica123 motorola mountain mustang1 myspace1 mypassword naruto123 nathalie newpassword newyork1 nicholas nicholas1 nicole123 nintendo
nirvana1 nothing1 november october1 onelove1 p@55word p@ssw0rd p@ssw0rd1 p@ssw0rd123 p@ssword p@ssword1 pa$$w0rd pa$$word pa55word
pakistan pakistan123 panasonic panther1 paradise parola123 passion1 passw0rd passw0rd1 passw0rd123 password password! password0 password00
password01 password1 password1! password10 password11 password12 password123 password123! password1234 password12345 password2 password2020
password2021 password2022 password2023 password2024 password2025 password2026 password21 password22 password3 password4 password5 password69
password7 password8 password9 password99 passwordpassword passwort passwort1 patricia patrick1 peaches1 pedro123 penelope pepper123
perfect1 phantom1 philippe phoenix1 pikachu1 pineapple playboy1 pokemon1 pokemon123 porsche911 portugal postgres power123 precious
predator princess princess1 princess12 princess123 private1 professional property punkrock q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 q2w3e4r5
qazqazqaz qazwsx12 qazwsx123 qazwsxed qazwsxedc qazwsxedcrfv qazxsw123 qqqqqqqq qwaszx12 qwe123456 qwe123qwe qweasd123 qweasdzxc qweqweqwe
qwer1234 qwerasdf qwerqwer qwert123 qwert12345 qwerty01 qwerty11 qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 qwerty321 qwerty77
qwerty99 qwertyqwerty qwertyui qwertyuiop qwertyuiop123 qwertz123 qwertzui qwertzuiop rabbit123 rainbow1 ranger123 rangers1 realmadrid
rebecca1 redskins remember rhapsody richard1 robert123 rockstar rockstar1 rockyou1 rolltide ronaldo7 rootroot runescape runescape1 samantha
samantha1 samsung1 samsung123 samsung12 sandra123 santiago sapphire saturday scooby123 scorpion scotland sebastian secret12 secret123
secret1234 senha123 september serenity service1 shadow123 shithead silver123 skateboard skywalker slipknot slipknot1 smokey123 snickers
snowball snowboard snowflake soccer10 soccer12 soccer123 something soulmate southside spiderman spiderman1 spitfire spongebob spring123
sprite123 ssssssss starcraft starlight starwars starwars1 stephanie stonecold strawberry student1 summer12 summer123 summer2020 summer2021
summer2022 summer2023 summer2024 summer2025 summer2026 sunflower sunshine sunshine1 sunshine123 superman superman1 superman123 superstar
superuser supernova sweetheart sweetpea swordfish systemadmin tazmania teacher1 telefon1 temppass test1234 test12345 test123456 testing1
testing123 testpass testtest thailand therock1 thomas123 thuglife thunder1 thunderbird tiffany1 tigger123 tinkerbell tottenham toyota123
trinity1 trustno1 trustnoone turkey50 undertaker underground universe unknown1 username vacation valentina valentine valentin vanessa1
veronica victoria victoria1 vietnam1 viewsonic violetta volkswagen volleyball warcraft warcraft1 warrior1 warriors watermelon webmaster
welcome01 welcome1 welcome12 welcome123 welcome1234 welcome2 welcome@123 westside whatever whatever1 william1 winner123 winston1 winter123
winter2020 winter2021 winter2022 winter2023 winter2024 winter2025 wolverine wrestling x1x2x3x4 xxxxxxxx yamaha123 yankees1 yankees2 yellow123
yourname yugioh123 yyyyyyyy z1x2c3v4 zaq12wsx zaq1zaq1 zaq1xsw2 zeppelin zinedine zxcasdqwe zxcv1234 zxcvbnm1 zxcvbnm123 zxcvzxcv zzzzzzzz
`;

export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(LIST.split(/\s+/).filter((word) => word !== ""));
